import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

let service: Service;
afterEach(() => service.close());

/** Headers that differ between two responses. */
const VARYING = ['date', 'x-request-id'];

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await Object.entries(headers).reduce((asked, [name, value]) => asked.set(name, value), service.raw('get', path));
  const shown = Object.entries(response.headers as Record<string, string>).filter(([name]) => !VARYING.includes(name));
  return {
    status: response.status,
    headers: Object.fromEntries(shown),
    text: response.text,
    id: response.headers['x-request-id'] as string,
  };
}

/** A query bypasses the repeated responses. */
const viaFramework = (path: string) => get(`${path}?`);

describe.each([{}, { simulated: true }, { allowedOrigins: ['https://dashboard.example'] }] as const)(
  'a repeated response to a probe, with %o',
  (options) => {
    it.each(['/healthz', '/readyz'])('is that of the framework: %s', async (path) => {
      service = await startService('nf_conntrack', options);
      const first = await get(path);
      const repeated = [await get(path), await get(path)];
      const framework = await viaFramework(path);
      for (const each of [first, ...repeated]) expect({ ...each, id: '' }).toEqual({ ...framework, id: '' });
      expect(first.status).toBe(200);
      expect(new Set([first, ...repeated].map(({ id }) => id)).size).toBe(3);
      expect((await get(path, { 'x-request-id': 'probe-7' })).id).toBe('probe-7');
      expect((await get(path, { 'x-request-id': 'not well formed' })).id).toMatch(/^[0-9a-f-]{36}$/);
    });
  },
);

describe('probes', () => {
  it('are counted, each once, however they are answered', async () => {
    service = await startService();
    for (let index = 0; index < 7; index += 1) await service.raw('get', '/healthz').expect(200);
    const { text } = await service.as('get', '/metrics');
    expect(text).toContain('conntrack_api_http_requests_total{method="GET",route="/healthz",status="200"} 7');
    expect(text).toContain('conntrack_api_http_request_duration_seconds_count{method="GET",route="/healthz"} 7');
  });

  it('of other origins, methods and forms get what the framework returns', async () => {
    service = await startService('nf_conntrack', { allowedOrigins: ['https://dashboard.example'] });
    await service.raw('get', '/healthz').expect(200);
    const allowed = await get('/healthz', { origin: 'https://dashboard.example' });
    expect(allowed.headers['access-control-allow-origin']).toBe('https://dashboard.example');
    await service.raw('head', '/healthz').expect(200);
    await service.raw('post', '/healthz').expect(405);
    await service.raw('get', '/healthz/').expect(404);
  });

  it('that are ambiguous are refused after a usual one was answered', async () => {
    service = await startService();
    await service.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const usual = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    expect(await exchange(port, usual)).toMatch(/^HTTP\/1.1 200 /);
    expect(await exchange(port, usual)).toMatch(/^HTTP\/1.1 200 /);
    expect(await exchange(port, usual.replace('\r\n\r\n', '\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n'))).toMatch(/^HTTP\/1.1 400 /);
  });

  it('that are pipelined by the thousand end the connection, and others are served', async () => {
    service = await startService();
    await service.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.resume().write('GET /api/v1/table HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(5_000));
    await new Promise((closed) => socket.once('close', closed));
    await service.raw('get', '/healthz').expect(200);
  });

  it('that are pipelined in small numbers are all served', async () => {
    service = await startService();
    await service.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    const text = await exchange(port, 'GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20), 20);
    expect(text.match(/HTTP\/1.1 200 /g)).toHaveLength(20);
  });
});

/** Sends bytes and waits for the given number of responses. */
async function exchange(port: number, bytes: string, responses = 1): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').write(bytes);
  for await (const part of socket as AsyncIterable<string>) {
    text += part;
    if ((text.match(/HTTP\/1.1 /g) ?? []).length >= responses) break;
  }
  return text;
}
