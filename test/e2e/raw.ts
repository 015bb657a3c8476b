import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Edge } from './edge.ts';

export interface RawAnswer {
  /** 0: closed without a response. */
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

/** @returns the port that the service listens on */
export async function listen(app: Edge['app']): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return ((app.getHttpServer() as { address(): unknown }).address() as AddressInfo).port;
}

/** Sends these bytes and keeps the connection open. Resolves when the service closes it. */
export async function answerTo(port: number, sent: string | readonly string[], pauseMilliseconds = 0): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk)).on('error', () => undefined);
  const closed = once(socket, 'close');
  for (const part of [sent].flat()) {
    if (socket.destroyed) break;
    socket.write(part, 'latin1');
    await sleep(pauseMilliseconds);
  }
  await closed;
  return parsed(text);
}

function parsed(text: string): RawAnswer {
  const [first = ''] = text.split(/(?=HTTP\/1\.1 \d)/);
  const body = first.split('\r\n\r\n')[1] ?? '';
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? 0), text, body: body.startsWith('{') ? JSON.parse(body) : body };
}
