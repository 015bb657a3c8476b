import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/application/ports/webhooks.ts';
import { HttpSender } from '../../../src/webhooks/http-sender.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const EVENT = {
  id: 'change-7-1764745952431',
  type: 'io.conntrack-api.change.applied',
  subject: 'changes/7',
  time: new Date('2026-11-27T05:59:12.902Z'),
  data: { id: 7, reason: 'ümlaut' },
} as const;
const MEBIBYTE = 1_048_576;

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let url: string;
let received: Received[];
let respond: (response: ServerResponse, request: IncomingMessage) => void;
const running = new AbortController().signal;

beforeEach(async () => {
  received = [];
  respond = (response) => response.end();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      respond(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook?key=1`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const sender = (allowLocal = true): HttpSender =>
  new HttpSender({ allowLocal, source: 'urn:conntrack-api:host:test', version: '1.2.3', timeoutMilliseconds: 500 });
const send = (to = url, by = sender(), signal = running): Promise<Delivery> => by.send(to, SECRET, EVENT, new Date(), signal);

describe('a sent event', () => {
  it('is a CloudEvent whose signature the library of Standard Webhooks verifies', async () => {
    expect(await send()).toEqual({ delivered: true });
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(headers['webhook-id']).toBe(EVENT.id);
    expect(new Verifier(SECRET).verify(body, headers as Record<string, string>)).toEqual({
      specversion: '1.0',
      id: EVENT.id,
      source: 'urn:conntrack-api:host:test',
      type: EVENT.type,
      subject: EVENT.subject,
      time: '2026-11-27T05:59:12.902Z',
      datacontenttype: 'application/json',
      data: EVENT.data,
    });
    expect(() => new Verifier(SECRET).verify(body.replace('7', '8'), headers as Record<string, string>)).toThrow();
  });

  it.each([
    [200, true],
    [204, true],
    [299, true],
    [300, false],
    [404, false],
    [500, false],
  ])('with the status %i is delivered: %s', async (status, delivered) => {
    respond = (response) => response.writeHead(status).end();
    expect((await send()).delivered).toBe(delivered);
  });

  it('is not redirected', async () => {
    respond = (response) => response.writeHead(307, { location: `${url}&again` }).end();
    expect(await send()).toEqual({ delivered: false, error: 'status 307', isGone: false });
    expect(received).toHaveLength(1);
  });

  it('that gets 410 finds its receiver gone', async () => {
    respond = (response) => response.writeHead(410).end();
    expect(await send()).toEqual({ delivered: false, error: 'status 410', isGone: true });
  });
});

describe('a receiver', () => {
  it('that does not respond costs the timeout', async () => {
    respond = () => undefined;
    expect(await send()).toEqual({ delivered: false, error: 'no response within 0.5 s', isGone: false });
  });

  it('that sends an endless body is read for 16 KiB, and its status counts', async () => {
    let written = 0;
    respond = (response) => {
      const chunk = Buffer.alloc(65_536);
      const write = (): void => {
        while (!response.destroyed && written < 64 * MEBIBYTE && response.write(chunk)) written += chunk.length;
        response.once('drain', write);
      };
      write();
    };
    expect(await send()).toEqual({ delivered: true });
    expect(written).toBeLessThan(16 * MEBIBYTE);
  });

  it('that sends a body slowly does not hold the event, and its status counts', async () => {
    respond = (response) => response.writeHead(200).write('x');
    expect(await send()).toEqual({ delivered: true });
  });

  it('that sends endless headers is refused', async () => {
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => undefined).write(`HTTP/1.1 200 OK\r\n${`x-more: ${'y'.repeat(1_000)}\r\n`.repeat(100)}`);
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const delivery = await send(`http://127.0.0.1:${String((tcp.address() as AddressInfo).port)}/`);
    tcp.close();
    expect(delivery).toMatchObject({ delivered: false, error: expect.stringContaining('HPE_HEADER_OVERFLOW') as string });
  });

  it('that refuses connections is reported with its address', async () => {
    const port = (server.address() as AddressInfo).port;
    server.close();
    expect(await send()).toMatchObject({ delivered: false, error: `connect ECONNREFUSED 127.0.0.1:${String(port)}` });
  });

  it('at a local address gets no connection', async () => {
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const delivery = await send(url, sender(false));
    expect(delivery).toMatchObject({ delivered: false, error: expect.stringContaining('127.0.0.1 is a loopback address') as string });
    const named = await send(url.replace('127.0.0.1', 'localhost'), sender(false));
    expect(named.delivered).toBe(false);
    expect(connections).toBe(0);
  });

  it('is left at once when the service stops', async () => {
    const stopping = new AbortController();
    respond = () => {
      stopping.abort();
    };
    expect((await send(url, sender(), stopping.signal)).delivered).toBe(false);
  });
});
