import { request } from 'node:http';

export interface SocketAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A request over a unix socket, with a JSON response. */
export function overSocket(
  socketPath: string,
  method: string,
  path: string,
  { headers = {}, json }: { readonly headers?: Record<string, string>; readonly json?: unknown } = {},
): Promise<SocketAnswer> {
  return new Promise((resolve, reject) => {
    const type = json === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ socketPath, method, path, agent: false, headers: { host: 'localhost', ...type, ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as SocketAnswer['body'];
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
      });
    });
    sent.once('error', reject).end(json === undefined ? undefined : JSON.stringify(json));
  });
}
