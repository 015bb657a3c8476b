import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const PERSIST = { settings: { max: 262_144, buckets: 65_536 }, persist: true, reason: 'ansible' };
const SYSCTL = '/etc/sysctl.d/99-zz-conntrack-api.conf';

let app: App;
beforeEach(async () => {
  app = await openApp('not-loaded');
  await app.tree.write('/proc/meminfo', 'MemTotal: 2000000 kB\nMemAvailable: 1500000 kB\n');
});
afterEach(() => app.close());

/** What `modprobe nf_conntrack` leads to. */
async function load(): Promise<void> {
  for (const [name, value] of Object.entries({ max: 65_536, buckets: 65_536, udp_timeout: 30 }))
    await app.tree.write(`/proc/sys/net/netfilter/nf_conntrack_${name}`, `${value}\n`);
}

describe('while conntrack is not loaded', () => {
  it('previews the boot, with the defaults that nothing overrides', async () => {
    await app.tree.write('/etc/sysctl.d/a.conf', 'net.netfilter.nf_conntrack_max = 500000\n');
    const { preview, live } = await app.preview.view();
    expect(live.isLoaded).toBe(false);
    expect(preview.loading).toMatchObject({ builtIn: false, when: 'late' });
    expect(preview.findings.map(({ code }) => code)).toContain('SYSCTL_LOST_MODULE_LATE');
  });

  it('names the hashsize that keeps the module from loading', async () => {
    await app.tree.write('/etc/modprobe.d/a.conf', 'options nf_conntrack hashsize=64k\n');
    const { preview } = await app.preview.view();
    expect(preview.loading.when).toBe('fails');
    expect(preview.findings[0]).toMatchObject({ code: 'MODULE_FAILS_TO_LOAD', lines: [{ path: '/etc/modprobe.d/a.conf', line: 1 }] });
  });

  it('plans and persists values, which then are those of the next boot', async () => {
    const plan = await app.change.preview(PERSIST);
    expect(plan.steps).toEqual([]);
    expect(plan.atNextBoot).toMatchObject({ max: 262_144, buckets: 65_536 });
    expect(plan.risks).toMatchObject([{ code: 'MODULE_NOT_LOADED', level: 'warning' }, { code: 'CHAIN_LENGTH' }]);
    const change = await app.change.run(CALLER, PERSIST);
    expect(change).toMatchObject({ outcome: 'applied', settings: [] });
    expect(change.files.length).toBeGreaterThan(1);
    expect((await app.preview.view()).persisted).toEqual(PERSIST.settings);
  });

  it('persists a timeout alone, and changes nothing the second time', async () => {
    const request = { settings: { tcp_timeout_time_wait: 30 }, persist: true, reason: null };
    expect((await app.change.run(CALLER, request)).files.length).toBeGreaterThan(0);
    expect((await app.change.run(CALLER, request)).files).toEqual([]);
  });

  it('completes max with the buckets that are persisted', async () => {
    await app.change.run(CALLER, PERSIST);
    await app.change.run(CALLER, { settings: { max: 131_072 }, persist: true, reason: null });
    expect((await app.preview.view()).persisted).toEqual({ max: 131_072, buckets: 65_536 });
  });

  it('needs both max and buckets if nothing determines the other', async () => {
    await app.tree.write('/proc/meminfo', '');
    const request = { settings: { max: 131_072 }, persist: true, reason: null };
    await expect(app.change.run(CALLER, request)).rejects.toMatchObject({
      code: 'CONNTRACK_NOT_LOADED',
      message: expect.stringContaining('buckets') as string,
    });
  });

  it('unpersists, and rolls that back', async () => {
    await app.change.run(CALLER, PERSIST);
    const change = await app.unpersist.run(CALLER, { names: null, reason: null });
    expect(change).toMatchObject({ outcome: 'applied' });
    expect((await app.preview.view()).persisted).toEqual({});
    await app.rollBack.run(CALLER, { what: 'change', id: change.id, reason: null, force: false });
    expect((await app.preview.view()).persisted).toEqual(PERSIST.settings);
  });

  it('warns that a line elsewhere overrides the values, as on any host', async () => {
    await app.tree.write('/etc/sysctl.d/zz.conf', 'net.netfilter.nf_conntrack_max = 5\n');
    await expect(app.change.run(CALLER, PERSIST)).rejects.toMatchObject({
      code: 'RISK_UNACKNOWLEDGED',
      message: expect.stringContaining('zz.conf') as string,
    });
  });

  it.each([
    [{ settings: { max: 2_000_000_000, buckets: 65_536 } }, 'RISK_REFUSED', 'memory'],
    [{ settings: { max: 0, buckets: 65_536 } }, 'VALUE_OUT_OF_RANGE', 'settings.max'],
    [{ settings: { nonsense: 1 } }, 'SETTING_UNKNOWN', 'nonsense'],
    [{ settings: {} }, 'CONNTRACK_NOT_LOADED', 'no live values'],
    [{ settings: { max: 5 }, persist: false }, 'CONNTRACK_NOT_LOADED', '"persist": true'],
  ])('refuses what it refuses with live values: %j', async (request, code, text) => {
    const run = app.change.run(CALLER, { ...PERSIST, ...request });
    await expect(run).rejects.toMatchObject({ code, message: expect.stringContaining(text) as string });
    expect(app.journal.list({}, 10)).toEqual([]);
  });

  it('refuses a confirmation window, which has nothing to revert', async () => {
    const terms = { ...PLAIN_TERMS, confirmWithinSeconds: 60 };
    await expect(app.change.run(CALLER, PERSIST, terms)).rejects.toMatchObject({ code: 'CONNTRACK_NOT_LOADED' });
  });
});

it('changes live values again once the module is loaded', async () => {
  await app.change.run(CALLER, PERSIST);
  await load();
  const change = await app.change.run(CALLER, { settings: { udp_timeout: 45 }, persist: false, reason: null });
  expect(change).toMatchObject({ outcome: 'applied', settings: [{ name: 'udp_timeout', before: 30 }] });
  expect(await app.tree.read(SYSCTL)).toContain('nf_conntrack_max');
});

it('refuses a second hashsize on a kernel that it may crash', async () => {
  await app.tree.write('/proc/sys/kernel/osrelease', '4.18.0-553.el8_10.x86_64\n');
  await app.tree.write('/etc/modprobe.d/site.conf', 'options nf_conntrack hashsize=32768\n');
  await expect(app.change.run(CALLER, PERSIST)).rejects.toMatchObject({
    code: 'RISK_REFUSED',
    message: expect.stringContaining('/etc/modprobe.d/site.conf:1') as string,
  });
  const timeout = { settings: { udp_timeout: 60 }, persist: true, reason: null };
  expect(await app.change.run(CALLER, timeout)).toMatchObject({ outcome: 'applied' });
  await app.tree.write('/proc/sys/kernel/osrelease', '5.14.0-427.el9.x86_64\n');
  expect(await app.change.run(CALLER, PERSIST)).toMatchObject({ outcome: 'applied' });
});
