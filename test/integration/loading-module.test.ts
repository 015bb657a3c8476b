import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const REQUEST = { reason: 'first boot', idempotency: null };

let app: App;
beforeEach(async () => {
  app = await openApp('not-loaded');
  app.module.load = succeed;
});
afterEach(() => app.close());

/** What modprobe leads to. */
async function succeed(): Promise<void> {
  for (const [name, value] of Object.entries({ max: 65_536, buckets: 65_536, udp_timeout: 30 }))
    await app.tree.write(`/proc/sys/net/netfilter/nf_conntrack_${name}`, `${value}\n`);
}

const changes = (): readonly string[] => app.journal.list({}, 10).map(({ kind, outcome }) => `${kind} ${outcome}`);

describe('loading the module', () => {
  it('is recorded before the kernel is asked, and its outcome afterwards', async () => {
    app.module.load = () => {
      expect(changes()).toEqual(['module-load pending']);
      return succeed();
    };
    const { change, isLoaded } = await app.loadModule.run(CALLER, REQUEST);
    expect(change).toMatchObject({ kind: 'module-load', outcome: 'applied', reason: 'first boot', actor: CALLER.actor, settings: [] });
    expect(isLoaded).toBe(true);
    expect((await app.settings.all()).settings.map(({ name }) => name)).toContain('max');
  });

  it('does nothing and records nothing if it is loaded already', async () => {
    await succeed();
    app.module.load = () => Promise.reject(new Error('asked in vain'));
    expect(await app.loadModule.run(CALLER, REQUEST)).toMatchObject({ isLoaded: true });
    expect(changes()).toEqual([]);
  });

  it('shows the lines and values that it would load with, in a dry run', async () => {
    await app.tree.write('/etc/modprobe.d/a.conf', 'options nf_conntrack hashsize=1024\n');
    const { plan, isLoaded } = await app.loadModule.dryRun();
    expect(plan).toMatchObject({ options: [{ path: '/etc/modprobe.d/a.conf', line: 1 }], values: { buckets: 1024, max: 8192 } });
    expect(isLoaded).toBe(false);
    expect(changes()).toEqual([]);
  });

  it('is refused with the line that would make it fail', async () => {
    await app.tree.write('/etc/modprobe.d/a.conf', '# size\noptions nf_conntrack hashsize=64k\n');
    const refusal = { code: 'MODULE_LOAD_REFUSED', message: expect.stringContaining('/etc/modprobe.d/a.conf:2: hashsize=64k') as string };
    await expect(app.loadModule.run(CALLER, REQUEST)).rejects.toMatchObject(refusal);
    await expect(app.loadModule.dryRun()).rejects.toMatchObject(refusal);
    expect(changes()).toEqual([]);
  });

  it('is refused for a hash table that does not fit into memory', async () => {
    await app.tree.write('/proc/meminfo', 'MemTotal: 1000000 kB\nMemAvailable: 800000 kB\n');
    await app.tree.write('/etc/modprobe.d/a.conf', 'options nf_conntrack hashsize=200000000\n');
    await expect(app.loadModule.run(CALLER, REQUEST)).rejects.toMatchObject({ code: 'MODULE_LOAD_REFUSED' });
  });

  it('fails if the module is not loaded afterwards, and can be repeated', async () => {
    app.module.load = () => Promise.resolve();
    const failed = await app.loadModule.run(CALLER, REQUEST);
    expect(failed).toMatchObject({ isLoaded: false, change: { outcome: 'failed', failure: { code: 'MODULE_LOAD_FAILED' } } });
    app.module.load = succeed;
    expect(await app.loadModule.run(CALLER, REQUEST)).toMatchObject({ isLoaded: true });
    expect(changes()).toEqual(['module-load applied', 'module-load failed']);
  });

  it('records why the kernel refuses', async () => {
    app.module.load = () => Promise.reject(new ConntrackError('NOT_SUPPORTED_HERE', 'EPERM', { errno: 'EPERM' }));
    const { change } = await app.loadModule.run(CALLER, REQUEST);
    expect(change).toMatchObject({ outcome: 'failed', failure: { code: 'NOT_SUPPORTED_HERE', errno: 'EPERM' } });
  });

  it('returns the recorded change for a repeated idempotency key', async () => {
    const request = { ...REQUEST, idempotency: { key: 'k', fingerprint: 'f' } };
    const first = await app.loadModule.run(CALLER, request);
    expect((await app.loadModule.run(CALLER, request)).change?.id).toBe(first.change?.id);
    expect(changes()).toHaveLength(1);
  });

  it('cannot be rolled back', async () => {
    const { change } = await app.loadModule.run(CALLER, REQUEST);
    const rollback = app.rollBack.run(CALLER, { what: 'change', id: change?.id ?? 0, force: false, reason: null });
    await expect(rollback).rejects.toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
  });

  it.each([
    ['recovered-applied', true],
    ['recovered-unchanged', false],
  ])('that a killed service left open is settled as %s by what is found', async (outcome, loaded) => {
    const { change } = await app.loadModule.run(CALLER, REQUEST);
    if (change === undefined) throw new Error('expected a change');
    const { bootId, requestId, startedAt, actor } = change;
    const intent = { ...change, bootId, requestId, startedAt, actor };
    const id = app.journal.open(intent);
    if (!loaded) await rm(join(app.tree.root, '/proc/sys/net/netfilter'), { recursive: true });
    app.recover.markUnsettled();
    await app.recover.run();
    expect(app.journal.get(id).outcome).toBe(outcome);
  });
});
