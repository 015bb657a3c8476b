/** The smallest server with the same framework: `bare-fastify.ts BYTES` responds with a constant of that size. Prints its URL. */
import { fastify } from 'fastify';

const body = JSON.stringify({ text: 'x'.repeat(Number(process.argv[2])) });
const app = fastify();
app.get('/', (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
