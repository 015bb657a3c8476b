import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import type { ProblemAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { makeEntries } from './support/made-entries.ts';
import { host, NetworkNamespace } from './support/network-namespace.ts';
import { Service, type Answer } from './support/service.ts';

interface UpdateAnswer {
  readonly id: number;
  readonly kind: string;
  readonly outcome: string;
  readonly rollbackOf: number | null;
  readonly update: {
    readonly matchedCount: number | null;
    readonly selectedCount: number;
    readonly updatedCount: number;
    readonly refusedCount: number;
    readonly entries: readonly {
      readonly entry: Entry;
      readonly result: string;
      readonly errno?: string;
      readonly before: Partial<Entry>;
      readonly after?: Partial<Entry>;
    }[];
    readonly skipped?: readonly { readonly id: string; readonly reason: string }[];
  };
}

const V4 = ['-p', 'tcp', '-s', '10.9.0.1', '-d', '10.9.0.2', '--sport', '4242', '--dport', '443', '--state', 'ESTABLISHED'];
const V6 = ['-p', 'udp', '-s', 'fd00::1', '-d', 'fd00::2', '--sport', '4242', '--dport', '53'];

let namespace: NetworkNamespace;
let home: Home;
let token: string;
let service: Service;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('update');
  await namespace.writeSysctl('timestamp', 1);
  // From now on, entries have room for labels.
  await namespace.run('nft', ['add chain inet ct_test labelled { type filter hook output priority 5; }']);
  await namespace.run('nft', ['add rule inet ct_test labelled tcp dport 1 ct label set 1']);
  home = await Home.create();
  await mkdir(join(home.etc, 'xtables'), { recursive: true });
  await writeFile(join(home.etc, 'xtables/connlabel.conf'), '# labels\n5 uplink\n64 voice\n');
  token = await home.createToken();
  // It runs on the host and reaches the namespace by its name.
  service = await Service.start(host, home, token, 0, ['--namespaces']);
});

afterEach(async () => {
  await namespace.run('conntrack', ['-F']);
});

afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
});

const create = (flow: readonly string[], ...args: readonly string[]): Promise<string> =>
  namespace.run('conntrack', ['-I', ...flow, '-t', '3600', ...args]);
const conntrack = (...args: readonly string[]): Promise<string> => namespace.run('conntrack', args);
const listed = async (): Promise<string> => (await conntrack('-L', '-f', 'ipv4')) + (await conntrack('-L', '-f', 'ipv6'));
const read = async (filter = ''): Promise<readonly Entry[]> => {
  const path = `/entries?limit=1000&namespace=${namespace.name}${filter === '' ? '' : `&filter=${encodeURIComponent(filter)}`}`;
  return (await service.request<{ readonly items: readonly Entry[] }>('GET', path)).body.items;
};
const only = async (): Promise<Entry> => (await read())[0] as Entry;
const patch = <T = UpdateAnswer>(id: string | null, body: object): Promise<Answer<T>> =>
  service.request<T>('PATCH', id === null ? '/entries' : `/entries/${id}`, { body: { namespace: namespace.name, ...body } });
const rollBack = <T = UpdateAnswer>(id: number, body: object = {}): Promise<Answer<T>> =>
  service.request<T>('POST', `/changes/${String(id)}/rollback`, { body });

describe('updating one entry in another network namespace', () => {
  it.each([
    ['IPv4', V4],
    ['IPv6', V6],
    ['a zone', [...V4, '-w', '7']],
  ])('sets mark, timeout and labels over %s, as conntrack -L then shows, and a rollback restores them', async (_what, flow) => {
    await create(flow, '--mark', '0x107');
    const before = await only();
    const { status, body } = await patch(before.id, { mark: 16, markMask: 0xff, timeoutSeconds: 900, labels: ['voice', 5] });
    expect([status, body.kind, body.outcome, body.update.updatedCount]).toEqual([200, 'entry-update', 'applied', 1]);
    expect(body.update.entries[0]).toMatchObject({ result: 'updated', before: { mark: 0x107 }, after: { mark: 0x110, labels: [5, 64] } });
    const text = await listed();
    expect(text).toMatch(/mark=272 /);
    expect(Number(/^\S+ +\d+ (\d+) /m.exec(text)?.[1])).toBeGreaterThan(890);
    expect(Number(/^\S+ +\d+ (\d+) /m.exec(text)?.[1])).toBeLessThanOrEqual(900);
    const undone = await rollBack(body.id);
    expect([undone.status, undone.body.kind, undone.body.rollbackOf]).toEqual([200, 'rollback', body.id]);
    const after = await only();
    expect([after.mark, after.labels]).toEqual([0x107, undefined]);
    expect(after.timeoutSeconds).toBeGreaterThan(3_500);
    expect(await listed()).toMatch(/mark=263 /);
  });

  it('reports a fixed timeout and missing room for labels with the errno of the kernel', async () => {
    await create(V4, '-u', 'FIXED_TIMEOUT,SEEN_REPLY');
    const refused = await patch<ProblemAnswer>((await only()).id, { timeoutSeconds: 5 });
    expect([refused.status, refused.body.code, refused.body.errno]).toEqual([422, 'KERNEL_REFUSED', 'EPERM']);
    const bare = await NetworkNamespace.create('update-bare');
    try {
      await bare.run('conntrack', ['-I', ...V4, '-t', '3600']);
      const { body } = await service.request<{ readonly items: readonly Entry[] }>('GET', `/entries?namespace=${bare.name}`);
      const change = { namespace: bare.name, addLabels: [1], mark: 5 };
      const answer = await service.request<ProblemAnswer>('PATCH', `/entries/${body.items[0]?.id ?? ''}`, { body: change });
      expect([answer.status, answer.body.code, answer.body.errno]).toEqual([422, 'KERNEL_REFUSED', 'ENOSPC']);
      expect(await bare.run('conntrack', ['-L'])).toMatch(/mark=0 /);
    } finally {
      await bare.delete();
    }
  });

  it('does not touch a successor: 404 once it is gone, 409 if another flow has its tuple', async () => {
    await create(V4);
    const { id, startedAt } = await only();
    await conntrack('-F');
    expect((await patch(id, { mark: 1 })).status).toBe(404);
    await create(V4);
    const answer = await patch<ProblemAnswer>(id, { mark: 1, startedAt });
    expect([answer.status, answer.body.code]).toEqual([409, 'ENTRY_REPLACED']);
    expect((await only()).mark).toBe(0);
  });
});

describe('updating by filter', () => {
  it('changes nothing on a dry run or with a wrong count, then at most its limit, then what matches', async () => {
    await makeEntries(namespace, 400);
    const udp = await read('protocol=udp');
    const plan = await patch<{ readonly matchedCount: number }>(null, {
      filter: 'protocol=udp',
      mark: 0x700,
      markMask: 0xf00,
      dryRun: true,
    });
    expect([plan.status, plan.body.matchedCount]).toEqual([200, udp.length]);
    const wrong = await patch<ProblemAnswer>(null, { filter: 'protocol=udp', mark: 0x700, markMask: 0xf00, expectedCount: 3 });
    expect([wrong.status, wrong.body.code]).toEqual([409, 'COUNT_MISMATCH']);
    expect(await read('mark=0x700/0xf00')).toEqual([]);
    const request = { filter: 'protocol=udp', mark: 0x700, markMask: 0xf00, expectedCount: udp.length };
    expect((await patch(null, { ...request, limit: 7 })).body.update.updatedCount).toBe(7);
    expect(await read('mark=0x700/0xf00')).toHaveLength(7);
    const { body } = await patch(null, request);
    expect(body.update).toMatchObject({ matchedCount: udp.length, selectedCount: udp.length, updatedCount: udp.length - 7 });
    const now = new Map((await read()).map((entry) => [entry.id, entry.mark]));
    for (const { id, mark = 0 } of udp) expect(now.get(id)).toBe((mark & ~0xf00) | 0x700);
    expect(await read('mark=0x700/0xf00 and not protocol=udp')).toEqual([]);
  });

  it('rolls back what is still there and still as it left it, and reports the others', async () => {
    await makeEntries(namespace, 300);
    const before = new Map((await read()).map((entry) => [entry.id, entry.mark]));
    const tcp = await read('protocol=tcp and family=ipv4');
    const { body } = await patch(null, { filter: 'protocol=tcp and family=ipv4', mark: 99, expectedCount: tcp.length });
    const [gone, changed] = tcp as [Entry, Entry];
    const tupleArgs = ({ original }: Entry): readonly string[] => [
      ...['-p', 'tcp', '-s', original.source, '-d', original.destination],
      ...['--sport', String(original.sourcePort), '--dport', String(original.destinationPort)],
    ];
    await conntrack('-D', ...tupleArgs(gone));
    await conntrack('-U', ...tupleArgs(changed), '--mark', '5');
    const plan = await rollBack<{ readonly restorableCount: number }>(body.id, { dryRun: true });
    expect(plan.body.restorableCount).toBe(tcp.length - 2);
    const undone = await rollBack(body.id);
    expect([undone.body.outcome, undone.body.update.updatedCount]).toEqual(['applied', tcp.length - 2]);
    expect(undone.body.update.skipped).toEqual([gone, changed].map(({ id }) => ({ id, reason: id === gone.id ? 'gone' : 'changed' })));
    for (const { id, mark } of await read()) expect(mark).toBe(id === changed.id ? 5 : before.get(id));
    const forced = await rollBack(body.id, { force: true });
    expect([forced.status, forced.body.update.updatedCount]).toEqual([200, 1]);
    expect((await read()).find(({ id }) => id === changed.id)?.mark).toBe(before.get(changed.id));
  });
});

describe('a kill during an update', () => {
  it('is settled at the next start by reading the entries, and the journal verifies', async () => {
    const outcomes: string[] = [];
    for (let round = 0; round < 12 && outcomes.filter((outcome) => outcome !== 'applied').length < 2; round += 1) {
      await namespace.run('conntrack', ['-F']);
      await makeEntries(namespace, 1_000);
      const change = { filter: 'all', mark: 1_000 + round, expectedCount: 1_000 };
      const newest = async (): Promise<number | undefined> =>
        (await service.request<{ readonly items: readonly UpdateAnswer[] }>('GET', '/changes?limit=1')).body.items[0]?.id;
      const last = await newest();
      void patch(null, change).catch(() => undefined);
      while ((await newest()) === last);
      await service.kill();
      service = await Service.start(host, home, token, 0, ['--namespaces']);
      const { body } = await service.request<UpdateAnswer>('GET', `/changes/${String((last ?? 0) + 1)}`);
      expect(['applied', 'recovered-applied', 'recovered-unchanged', 'diverged']).toContain(body.outcome);
      const marks = new Map((await read()).map((entry) => [entry.id, entry.mark]));
      for (const { entry, result, after } of body.update.entries) {
        expect(after?.mark).toBe(marks.get(entry.id));
        expect(after?.mark === 1_000 + round).toBe(result === 'updated');
      }
      outcomes.push(body.outcome);
    }
    expect(outcomes.some((outcome) => outcome !== 'applied')).toBe(true);
    await expect(home.commandLine('journal', 'verify')).resolves.toBeDefined();
  }, 300_000);
});
