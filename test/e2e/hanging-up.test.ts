import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelEntries } from '../../src/application/ports/kernel.ts';
import { demoEntryLine } from '../../src/kernel/demo-entries.ts';
import { listen } from './raw.ts';
import { startService, type Service } from './service.ts';

/** More than the buffers of a connection hold. */
const LINES = 120_000;

let service: Service;
let port: number;
beforeAll(async () => {
  service = await startService();
  await service.tree.write('/proc/net/nf_conntrack', Array.from({ length: LINES }, (_, n) => demoEntryLine(n)).join(''));
  port = await listen(service.app);
});
afterAll(() => service.close());

const running = (): number => service.app.get(KernelEntries).activity().running;

async function firstBytes(headers: Readonly<Record<string, string>>) {
  const authorization = `Bearer ${service.token('entries:read')}`;
  const client = request({ port, path: '/api/v1/entries', headers: { authorization, accept: 'text/csv', ...headers } }).end();
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  await once(response, 'readable');
  return { client, response };
}

async function millisecondsUntilFree(): Promise<number> {
  const begun = performance.now();
  while (running() > 0 && performance.now() - begun < 5_000) await sleep(10);
  return performance.now() - begun;
}

describe.each([
  ['plain', {}],
  ['compressed', { 'accept-encoding': 'gzip' }],
])('a %s dump', (_what, headers) => {
  it('ends and frees its slot within a second after the client disconnects', async () => {
    const { client } = await firstBytes(headers);
    await sleep(100);
    expect(running()).toBe(1);
    client.destroy();
    expect(await millisecondsUntilFree()).toBeLessThan(1_000);
  });
});
