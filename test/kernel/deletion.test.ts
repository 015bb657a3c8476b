import fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import type { ProblemAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { listedByConntrack, tupleOf } from './support/oracle.ts';
import { Service } from './support/service.ts';

const FACTORY = join(import.meta.dirname, '../support/entry-factory-process.ts');
const COUNT = 600;

interface DeletionAnswer {
  readonly id: number;
  readonly outcome: string;
  readonly deletion: { readonly deletedCount: number; readonly goneCount: number; readonly entries: readonly Entry[] };
}

interface PlanAnswer {
  readonly matchedCount: number;
  readonly examples: readonly Entry[];
}

let namespace: NetworkNamespace;
let home: Home;
let service: Service;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('deletion');
  home = await Home.create();
  service = await Service.start(namespace, home, await home.createToken(), SERVICE_PORT);
});

afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
});

/** Empties the table and fills it with the same entries each time: IPv4 and IPv6, TCP, UDP and ICMP. */
async function fill(first = 0): Promise<readonly Entry[]> {
  await namespace.run('conntrack', ['-F']);
  await namespace.run(process.execPath, [FACTORY, 'create', '--first', String(first), '--count', String(COUNT)]);
  return table();
}

async function table(): Promise<readonly Entry[]> {
  const { text } = await service.request('GET', '/entries', { accept: 'application/x-ndjson' });
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{"trailer"'))
    .map((line) => JSON.parse(line) as Entry);
}

const tuples = (entries: readonly Entry[]): readonly string[] => entries.map(tupleOf).sort();
const ids = (entries: readonly Entry[]): readonly string[] => entries.map(({ id }) => id).sort();

async function deleted(body: object): Promise<DeletionAnswer> {
  const response = await service.request<DeletionAnswer>('POST', '/entries/delete', { body });
  expect([response.status, response.body.outcome]).toEqual([200, 'applied']);
  return response.body;
}

/** Selections, once in the filter language and once as a predicate on the entry's fields. */
const selections = fc.constantFrom<readonly [filter: string, isSelected: (entry: Entry) => boolean]>(
  ['family=ipv6', ({ family }) => family === 'ipv6'],
  ['protocol=udp', ({ protocol }) => protocol === 'udp'],
  ['protocol=icmp,icmpv6', ({ protocol }) => protocol.startsWith('icmp')],
  ['destinationPort=22', ({ original }) => original.destinationPort === 22],
  ['family=ipv6 and destinationPort=443', ({ family, original }) => family === 'ipv6' && original.destinationPort === 443],
  ['state=TIME_WAIT', ({ state }) => state === 'TIME_WAIT'],
  ['mark=3', ({ mark }) => mark === 3],
  ['zone=1', ({ zone }) => zone === 1],
  ['nat=source', ({ original, reply }) => original.source !== reply.destination],
  ['source=10.0.0.0/17', ({ original }) => /^10\.0\.(\d|\d\d|1[01]\d|12[0-7])\./.test(original.source)],
  ['source=fd00::/16 and not protocol=tcp', ({ original, protocol }) => original.source.startsWith('fd00:') && protocol !== 'tcp'],
);

describe('deleting by filter', () => {
  it('removes exactly the selected entries, and records exactly those', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(selections, fc.integer({ min: 0, max: 1_000_000 }), async ([filter, isSelected], first) => {
        const before = await fill(first);
        expect(before).toHaveLength(COUNT);
        const going = before.filter(isSelected);
        const { deletion } = await deleted({ filter, expectedCount: going.length });
        expect(deletion).toMatchObject({ deletedCount: going.length, goneCount: 0 });
        expect(ids(deletion.entries)).toEqual(ids(going));
        const staying = before.filter((entry) => !isSelected(entry));
        expect(await listedByConntrack(namespace)).toEqual(tuples(staying));
        expect(ids(await table())).toEqual(ids(staying));
      }),
      { numRuns: 25 },
    );
  });

  it('removes at most its limit, and nothing on a dry run or if the count differs', async () => {
    const before = await fill();
    const plan = await service.request<PlanAnswer>('POST', '/entries/delete', { body: { filter: 'protocol=udp', dryRun: true } });
    const { matchedCount, examples } = plan.body;
    expect([matchedCount, examples.length]).toEqual([before.filter(({ protocol }) => protocol === 'udp').length, 10]);
    const mismatch = await service.request<ProblemAnswer>('POST', '/entries/delete', {
      body: { filter: 'protocol=udp', expectedCount: 5 },
    });
    expect([mismatch.status, mismatch.body.code]).toEqual([409, 'COUNT_MISMATCH']);
    expect(await table()).toHaveLength(COUNT);
    const { deletion } = await deleted({ filter: 'protocol=udp', expectedCount: matchedCount, limit: 7 });
    expect(deletion.deletedCount).toBe(7);
    expect(await table()).toHaveLength(COUNT - 7);
  });
});

describe('deleting one entry', () => {
  it('removes exactly that entry, of either family and every protocol', { timeout: 300_000 }, async () => {
    let left = await fill();
    const kinds = Map.groupBy(left, ({ family, protocol, zone }) => `${family} ${protocol} ${zone ?? 0}`);
    expect([...kinds.keys()]).toEqual(expect.arrayContaining(['ipv6 tcp 0', 'ipv6 udp 0', 'ipv6 icmpv6 0', 'ipv4 icmp 0', 'ipv4 tcp 0']));
    for (const [entry] of kinds.values()) {
      if (!entry) continue;
      const response = await service.request<DeletionAnswer>('DELETE', `/entries/${entry.id}`);
      expect([response.status, ids(response.body.deletion.entries)]).toEqual([200, [entry.id]]);
      left = left.filter(({ id }) => id !== entry.id);
      expect(await listedByConntrack(namespace)).toEqual(tuples(left));
      const again = await service.request<ProblemAnswer>('DELETE', `/entries/${entry.id}`);
      expect([again.status, again.body.code]).toEqual([404, 'ENTRY_NOT_FOUND']);
    }
  });

  it('does not remove a later entry with the same tuple', async () => {
    const before = await fill();
    const now = ids(await fill());
    // The kernel derives an id from the entry's address in memory, and reuses some addresses.
    const entry = before.find(({ id }) => !now.includes(id));
    const response = await service.request<ProblemAnswer>('DELETE', `/entries/${entry?.id ?? ''}`);
    expect([response.status, response.body.code]).toEqual([409, 'ENTRY_REPLACED']);
    expect(ids(await table())).toEqual(now);
  });
});

describe('a flush', () => {
  it('empties the table of this namespace if the expected count matches', async () => {
    await fill();
    const refused = await service.request<ProblemAnswer>('POST', '/entries/flush', { body: { expectedCount: 1 } });
    expect([refused.status, refused.body.code]).toEqual([409, 'COUNT_MISMATCH']);
    const response = await service.request<DeletionAnswer>('POST', '/entries/flush', { body: { expectedCount: COUNT } });
    expect([response.status, response.body.deletion.deletedCount]).toEqual([200, COUNT]);
    expect(await listedByConntrack(namespace)).toEqual([]);
  });
});
