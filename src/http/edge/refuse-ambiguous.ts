import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { ConntrackError } from '../../domain/conntrack-error.ts';

/** Node takes the first of several; a proxy in front may have checked the last. */
const ONCE = ['host', 'origin', 'authorization', 'content-type', 'sec-fetch-site'];

/**
 * What one reader takes otherwise than the next is refused (RFC 9112, 3.2, 6.1), and nothing more is read of that connection; Node's parser
 * itself refuses most of it.
 */
export function refuseAmbiguous(fastify: Pick<FastifyInstance, 'addHook'>): void {
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    const ambiguity = ambiguityIn(raw);
    if (ambiguity !== undefined) {
      reply.header('connection', 'close');
      throw new ConntrackError('INVALID_REQUEST', ambiguity);
    }
    done();
  });
}

function ambiguityIn({ rawHeaders, headers, httpVersion, url = '' }: IncomingMessage): string | undefined {
  const names = rawHeaders.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const repeated = ONCE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (repeated !== undefined) return `The header ${repeated} appears more than once.`;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion !== '1.1'))
    return 'A body is sent whole or chunked, in no other transfer coding.';
  return url.startsWith('/') ? undefined : 'The request names its target by path.';
}
