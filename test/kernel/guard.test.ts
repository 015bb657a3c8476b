import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Home } from './support/home.ts';
import { host } from './support/network-namespace.ts';
import { run } from './support/run.ts';
import { Service } from './support/service.ts';

const FLOWS = join(import.meta.dirname, 'support/establish-flows.py');
const PER_SECOND = 5_000;
const COUNT = 60_000;
/** Full 4 s after the ramp began. */
const MAX = 20_000;

/**
 * Tracks nothing but the flows of this test, so that no other connection of this machine can be dropped. The kernel removes the table when
 * nft ends (`flags owner`), however it ends.
 */
const RULES = `add table ip ct_test_guard { flags owner; }
add chain ip ct_test_guard others_before { type filter hook prerouting priority -400; }
add rule ip ct_test_guard others_before ip saddr 127.77.0.0/16 tcp flags rst drop
add rule ip ct_test_guard others_before ip saddr != 127.77.0.0/16 notrack
add chain ip ct_test_guard others_out { type filter hook output priority -400; }
add rule ip ct_test_guard others_out ip saddr 127.77.0.0/16 tcp flags rst drop
add rule ip ct_test_guard others_out ip saddr != 127.77.0.0/16 notrack
add chain ip ct_test_guard tracked { type filter hook input priority 0; }
add rule ip ct_test_guard tracked ct state new,established accept
`;

interface Preview {
  readonly action: string;
  readonly reason: string;
  readonly raises: number;
}
interface Changes {
  readonly items: readonly {
    readonly id: number;
    readonly kind: string;
    readonly actor: { readonly name: string };
    readonly reason: string | null;
  }[];
}

let home: Home;
let service: Service;
let nft: ChildProcess;
let before: number;

beforeAll(async () => {
  home = await Home.create();
  service = await Service.start(host, home, await home.createToken());
  nft = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'nft', '-i'], { stdio: ['pipe', 'inherit', 'inherit'] });
  nft.stdin?.write(RULES);
  await vi.waitUntil(async () => (await run('nft', ['list', 'ruleset'])).includes('ct state'), { timeout: 5_000 });
  before = await host.readSysctl('max');
});
afterAll(async () => {
  await service.stop();
  const ended = once(nft, 'exit');
  nft.stdin?.end();
  await ended;
  await home.remove();
});
beforeEach(() => host.writeSysctl('max', MAX));
afterEach(async () => {
  await configure({ enabled: false });
  await host.writeSysctl('max', before);
  await run('sh', ['-c', 'conntrack -D -s 127.77.0.1 >/dev/null 2>&1 || true']);
});

async function configure(body: object): Promise<void> {
  expect(await service.request('PUT', '/guard', { body })).toMatchObject({ status: 200 });
}

async function preview(): Promise<Preview> {
  return (await service.request<Preview>('GET', '/guard/preview')).body;
}

/** Packets that the kernel dropped because the table had no room, since the host started (proc_net_stat: hexadecimal, a line for each CPU). */
async function drops(): Promise<number> {
  const [names = '', ...cpus] = (await readFile('/proc/net/stat/nf_conntrack', 'utf8')).trim().split('\n');
  const at = names.trim().split(/\s+/).indexOf('drop');
  return cpus.reduce((sum, cpu) => sum + Number.parseInt(cpu.trim().split(/\s+/)[at] ?? '', 16), 0);
}

async function ramp(): Promise<{ readonly dropped: number; readonly refused: number; readonly count: number }> {
  const dropped = await drops();
  const { refused } = JSON.parse(await run('python3', [FLOWS, String(COUNT), String(PER_SECOND)])) as { readonly refused: number };
  return { dropped: (await drops()) - dropped, refused, count: await host.readSysctl('count') };
}

describe(`a ramp of ${PER_SECOND} flows a second, up to three times max`, () => {
  it('is dropped in part without the guard', async () => {
    const { dropped, refused, count } = await ramp();
    process.stdout.write(`without the guard: ${dropped} packets dropped, ${refused} of ${COUNT} flows refused\n`);
    expect(dropped).toBeGreaterThan(COUNT / 2);
    expect(refused).toBe(dropped);
    expect(count).toBeLessThanOrEqual(MAX + 1);
  });

  it('is not dropped with the guard, which records each raise with its evidence', async () => {
    await configure({ enabled: true, raiseAt: 0.5, factor: 2, cooldownSeconds: 1, ceiling: 200_000 });
    const { dropped, refused, count } = await ramp();
    const { raises } = await preview();
    process.stdout.write(`with the guard: ${dropped} packets dropped, ${refused} of ${COUNT} flows refused, ${raises} raises\n`);
    expect({ dropped, refused }).toEqual({ dropped: 0, refused: 0 });
    expect(count).toBeGreaterThanOrEqual(COUNT);
    expect(await host.readSysctl('max')).toBeGreaterThan(COUNT);
    const { items } = (await service.request<Changes>('GET', '/changes?actor=guard')).body;
    expect(items).toHaveLength(raises);
    for (const item of items) expect(item).toMatchObject({ guard: { trigger: 'raiseAt', limitedBy: 'ceiling', limit: 200_000 } });
  });
});

describe('another program that writes max back', () => {
  it('stops the guard after two raises, and is named', async () => {
    await mkdir(join(home.etc, 'sysctl.d'), { recursive: true });
    await writeFile(join(home.etc, 'sysctl.d/90-appliance.conf'), `net.netfilter.nf_conntrack_max = ${MAX}\n`);
    await run('python3', [FLOWS, String(MAX - 5_000), '20000']);
    await configure({ enabled: true, raiseAt: 0.5, cooldownSeconds: 1 });
    for (let raises = 1; raises <= 2; raises += 1) {
      await vi.waitUntil(async () => (await host.readSysctl('max')) > MAX, { timeout: 20_000, interval: 100 });
      await host.writeSysctl('max', MAX);
    }
    const { reason } = await vi.waitFor(
      async () => {
        const status = await preview();
        expect(status).toMatchObject({ action: 'CONTESTED', raises: 2 });
        return status;
      },
      { timeout: 30_000, interval: 500 },
    );
    expect(reason).toContain('90-appliance.conf');
    expect(await host.readSysctl('max')).toBe(MAX);
  });

  it('is not the guard’s rival after a person rolled back a raise, which suspends the guard', async () => {
    await run('python3', [FLOWS, String(MAX - 5_000), '20000']);
    await configure({ enabled: true, raiseAt: 0.5, cooldownSeconds: 1 });
    await vi.waitUntil(async () => (await host.readSysctl('max')) > MAX, { timeout: 20_000, interval: 100 });
    const { items } = (await service.request<Changes>('GET', '/changes?actor=guard&limit=1')).body;
    expect(await service.request('POST', `/changes/${items[0]?.id ?? 0}/rollback`, { body: {} })).toMatchObject({ status: 200 });
    expect(await preview()).toMatchObject({ action: 'suspended' });
    expect(await host.readSysctl('max')).toBe(MAX);
  });
});
