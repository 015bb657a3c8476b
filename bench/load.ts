/**
 * A client that sends requests as fast as they are answered: `load.ts CONNECTIONS (requests|seconds) NUMBER URL…`, with the token in
 * CONNTRACK_BENCH_TOKEN. Each connection sends the next URL once it has the response. Prints the number of responses per second.
 * It reads of a response only the status and the length, so that it needs far less CPU than a server.
 */
import { connect } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

const [connections = '', unit = '', limit = '', ...urls] = process.argv.slice(2);
const { hostname, port } = new URL(urls[0] ?? '');
const head = `Host: ${hostname}:${port}\r\nAuthorization: Bearer ${process.env['CONNTRACK_BENCH_TOKEN'] ?? ''}\r\n\r\n`;
const requests = urls.map((url) => `GET ${url.slice(new URL(url).origin.length)} HTTP/1.1\r\n${head}`);

let sent = 0;
let answered = 0;
const start = performance.now();
const seconds = (): number => (performance.now() - start) / 1_000;
const isOver = (): boolean => (unit === 'seconds' ? seconds() >= Number(limit) : sent >= Number(limit));

await Promise.all(Array.from({ length: Number(connections) }, run));
process.stdout.write(`${String(answered / seconds())}\n`);

function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = Buffer.alloc(0);
    const next = (): void => {
      if (isOver()) {
        socket.destroy();
        resolve();
        return;
      }
      socket.write(requests[sent % requests.length] ?? '');
      sent += 1;
    };
    socket.once('connect', next).once('error', reject);
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const end = received.indexOf(END_OF_HEAD);
      if (end < 0) return;
      const text = received.toString('latin1', 0, end);
      if (!text.startsWith('HTTP/1.1 200 ')) {
        reject(new Error(`Expected 200, found ${text.slice(0, 30)}`));
        return;
      }
      if (received.length < end + END_OF_HEAD.length + Number(/^content-length: (\d+)$/im.exec(text)?.[1])) return;
      received = Buffer.alloc(0);
      answered += 1;
      next();
    });
  });
}
