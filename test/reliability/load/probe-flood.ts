/**
 * Keeps connections busy with requests for /healthz and /readyz without a token, each as soon as the previous response has arrived.
 * Started with `fork`: its arguments are the port and the number of connections. SIGTERM ends it, and it then sends the results to its parent.
 */
import { connect, type Socket } from 'node:net';

/** What a flood of probes received. */
export interface FloodResult {
  readonly responses: number;
  /** Responses other than 200, and connections that ended early. */
  readonly failures: number;
  readonly firstFailure: string | undefined;
  readonly slowestMilliseconds: number;
}

const [port = 0, connections = 0] = process.argv.slice(2).map(Number);
const PATHS = ['/healthz', '/readyz'];

const sockets: Socket[] = [];
let responses = 0;
let failures = 0;
let firstFailure: string | undefined;
let slowestMilliseconds = 0;

for (let index = 0; index < connections; index += 1) sockets.push(keepBusy(PATHS[index % PATHS.length] ?? ''));

process.once('SIGTERM', () => {
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  process.send?.({ responses, failures, firstFailure, slowestMilliseconds } satisfies FloodResult, () => {
    process.disconnect();
  });
});

function fail(text: string): void {
  failures += 1;
  firstFailure ??= text;
}

function keepBusy(path: string): Socket {
  const request = `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
  let sentAt = performance.now();
  const send = (): void => {
    sentAt = performance.now();
    socket.write(request);
  };
  const socket = connect(port, '127.0.0.1', send);
  // A response is about 1 KB long and arrives at once.
  socket.setEncoding('latin1').on('data', (text: string) => {
    responses += 1;
    if (!text.startsWith('HTTP/1.1 200')) fail(text);
    slowestMilliseconds = Math.max(slowestMilliseconds, performance.now() - sentAt);
    send();
  });
  return socket
    .on('error', () => undefined)
    .on('close', () => {
      fail('the connection was closed');
    });
}
