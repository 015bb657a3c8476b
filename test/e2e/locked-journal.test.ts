import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

let service: Service;
let locker: ChildProcess | undefined;
beforeEach(async () => {
  service = await startService();
});
afterEach(async () => {
  locker?.kill();
  locker = undefined;
  await service.close();
});

/** Executes a statement in another process. */
async function elsewhere(statement: string, file = 'conntrack-api.sqlite3'): Promise<void> {
  locker ??= fork(join(import.meta.dirname, '../support/journal-locker.ts'), [join(service.dataDir, file)]);
  locker.send(statement);
  await once(locker, 'message');
}

/** The longest time, in milliseconds, that the process did nothing else while `action` ran. It includes what the machine took. */
async function longestStall(action: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await action();
  delay.disable();
  return delay.max / 1e6;
}

const FILE = 'proc/sys/net/netfilter/nf_conntrack_udp_timeout';

const change = (value: number) => service.as('patch', '/api/v1/settings').send({ settings: { udp_timeout: value } });

describe.each(['BEGIN IMMEDIATE', 'BEGIN EXCLUSIVE'])('while another process holds %s on the journal', (lock) => {
  it('a change waits for it, and everything else is served', async () => {
    await change(31).expect(200);
    await elsewhere(lock);
    let isDone = false;
    const waiting = change(32).then(({ status }) => {
      isDone = true;
      return status;
    });
    const stall = await longestStall(async () => {
      await service.raw('get', '/healthz').expect(200);
      await service.as('get', '/api/v1/changes').expect(200);
    });
    // SQLite's own wait for the lock would be one stall of 5 s.
    expect(stall).toBeLessThan(1_000);
    expect(isDone).toBe(false);
    await elsewhere('ROLLBACK');
    expect(await waiting).toBe(200);
    expect((await service.as('get', '/api/v1/settings/udp_timeout')).body).toMatchObject({ value: 32 });
  });

  it('a change that waits 5 s is refused, nothing is changed, and the next one succeeds without a restart', async () => {
    await elsewhere(lock);
    const startedAt = performance.now();
    const { body } = await change(32).expect(503);
    expect(performance.now() - startedAt).toBeGreaterThan(4_000);
    expect(body).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', errno: 'SQLITE_BUSY', remedy: expect.stringContaining('fuser') as string });
    expect((await service.raw('get', '/readyz')).body).toMatchObject({ errno: 'SQLITE_BUSY' });
    expect((await service.as('get', '/api/v1/settings/udp_timeout')).body).toMatchObject({ value: 30 });
    await elsewhere('ROLLBACK');
    const { body: done } = await change(33).expect(200);
    expect(done).toMatchObject({ id: 1, outcome: 'applied' });
    await service.raw('get', '/readyz').expect(200);
  });

  it('a token is created once it is released, and once only', async () => {
    await elsewhere(lock);
    const created = service.as('post', '/api/v1/tokens').send({ name: 'late', scopes: ['table:read'] });
    const waiting = created.then(({ status }) => status);
    await sleep(300);
    await elsewhere('ROLLBACK');
    expect(await waiting).toBe(201);
    const { body } = (await service.as('get', '/api/v1/tokens')) as { body: { items: { name: string }[] } };
    expect(body.items.filter(({ name }) => name === 'late')).toHaveLength(1);
  });
});

it('an outcome is recorded once the lock that came after its intent is released', async () => {
  await change(31).expect(200);
  const waiting = service.as('patch', '/api/v1/settings').send({ settings: { udp_timeout: 77 } });
  const response = waiting.then(({ status, body }) => ({ status, body }));
  // The setting changes between intent and outcome.
  while ((await service.tree.read(FILE)).trim() !== '77') await sleep(0);
  await elsewhere('BEGIN IMMEDIATE');
  await sleep(200);
  await elsewhere('ROLLBACK');
  expect(await response).toMatchObject({ status: 200, body: { outcome: 'applied' } });
});

it('a service that starts while the journal is locked serves reads, and recovers without a restart', async () => {
  await change(31).expect(200);
  await service.restart(async () => {
    await elsewhere('BEGIN IMMEDIATE');
  });
  await service.as('get', '/api/v1/table').expect(200);
  expect((await service.raw('get', '/readyz').expect(503)).body).toMatchObject({ errno: 'SQLITE_BUSY' });
  await elsewhere('ROLLBACK');
  await sleep(1_200);
  await service.raw('get', '/readyz').expect(200);
  await change(32).expect(200);
});

it('the history is read while its file is locked', async () => {
  await service.as('get', '/api/v1/table/history').expect(200);
  await elsewhere('BEGIN IMMEDIATE', 'samples.sqlite3');
  await service.as('get', '/api/v1/table/history').expect(200);
});
