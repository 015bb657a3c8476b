import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import type { SummaryKey, SummaryRequest, SummaryRow } from '../../src/domain/entry-summary.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import { EntriesOf } from './support/host-entries.ts';
import { makeEntries, makeRareEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

const COUNT = 30_000;

/** The key of an entry as text; `undefined` if it has none. */
const KEYS = {
  source: ({ original }) => original.source,
  pair: ({ original }) => `${original.source} ${original.destination}`,
  destinationPort: ({ protocol, original }) =>
    original.destinationPort === undefined ? undefined : `${protocol} ${String(original.destinationPort)}`,
  state: ({ protocol, state }) => (state === undefined ? undefined : `${protocol} ${state}`),
  mark: ({ mark = 0 }) => String(mark),
  zone: ({ zone = 0 }) => String(zone),
  natSource: ({ status, reply }) => (status.includes('SRC_NAT') ? reply.destination : undefined),
} as const satisfies Partial<Record<SummaryKey, (entry: Entry) => string | undefined>>;
type Key = keyof typeof KEYS;

const ROWS: Readonly<Record<Key, (row: SummaryRow) => string>> = {
  source: ({ source }) => String(source),
  pair: ({ source, destination }) => `${String(source)} ${String(destination)}`,
  destinationPort: ({ protocol, destinationPort }) => `${String(protocol)} ${String(destinationPort)}`,
  state: ({ protocol, state }) => `${String(protocol)} ${String(state)}`,
  mark: ({ mark }) => String(mark),
  zone: ({ zone }) => String(zone),
  natSource: ({ natSource }) => String(natSource),
};

const BY = Object.keys(KEYS) as Key[];
const REQUEST: SummaryRequest = { by: BY, top: 50, orderBy: 'entries' };

const gate = new TableGate(1);
let namespace: NetworkNamespace;
let entries: EntriesOf;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('summary');
  await makeEntries(namespace, COUNT);
  await makeRareEntries(namespace);
  entries = new EntriesOf(namespace, gate);
});

afterAll(async () => {
  await entries.close();
  await namespace.delete();
});

function countBy(key: Key, listed: readonly Entry[]): ReadonlyMap<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const entry of listed) counts.set(KEYS[key](entry), (counts.get(KEYS[key](entry)) ?? 0) + 1);
  return counts;
}

describe('a summary of the kernel’s table', () => {
  it.each([
    ['the whole table, in two parts by NAT', 'all'],
    ['a filter of the service, in two parts by NAT', 'sourcePort<40000 and address=10.0.0.0/9'],
    ['a filter that needs a family, in two parts by family', 'protocol=tcp and destinationPort=443'],
    ['a filter of the kernel, in one part', 'nat=source'],
    ['a family', 'family=ipv6'],
    ['a zone', 'zone=1'],
  ])('counts what the entries show: %s', async (_, text) => {
    const filter = parseFilter(text);
    const { lines } = await entries.stream(filter);
    const listed = lines.map((line) => JSON.parse(line) as Entry);
    const { keys, summary, entries: total } = await entries.summarise(filter, REQUEST);
    expect(listed.length).toBeGreaterThan(100);
    expect({ total, ...summary }).toMatchObject({ total: listed.length, outcome: 'complete', entries: listed.length });
    for (const [at, by] of BY.entries()) {
      const counts = countBy(by, listed);
      const { top, distinct, without, exact } = keys[at] ?? expect.fail(`no summary by ${by}`);
      const rows = top.map((row) => [ROWS[by](row), row.entries] as const);
      expect({ by, exact, without: without.entries }).toEqual({ by, exact: true, without: counts.get(undefined) ?? 0 });
      for (const [key, count] of rows) expect({ by, key, count }).toEqual({ by, key, count: counts.get(key) });
      const largest = [...counts].filter(([key]) => key !== undefined).map(([, count]) => count);
      expect(distinct).toBe(largest.length);
      expect(rows.map(([, count]) => count)).toEqual(largest.sort((one, other) => other - one).slice(0, REQUEST.top));
    }
  });

  it('returns the same rows in the same order each time', async () => {
    const [first, second] = [await entries.summarise(EVERY_ENTRY, REQUEST), await entries.summarise(EVERY_ENTRY, REQUEST)];
    expect(second.keys).toEqual(first.keys);
  });

  it('ends with the reason if a resize stops it, and the next one is complete', async () => {
    const stopped = entries.summarise(EVERY_ENTRY, REQUEST);
    const refused = expect(stopped).rejects.toMatchObject({
      code: 'KERNEL_UNREADABLE',
      message: expect.stringContaining('resized') as unknown,
    });
    await vi.waitUntil(() => entries.running === 1, { interval: 1 });
    await gate.exclusively(() => Promise.resolve());
    await refused;
    expect((await entries.summarise(EVERY_ENTRY, REQUEST)).summary.outcome).toBe('complete');
  });
});

describe('a sampled summary of the kernel’s table', () => {
  const SAMPLE = 5_000;
  const sampled: SummaryRequest = { ...REQUEST, top: 10, sample: SAMPLE };

  it.each([
    ['the whole table', 'all'],
    ['a filter that the kernel could apply', 'nat=source'],
    ['a filter of the service', 'sourcePort<40000 and address=10.0.0.0/9'],
    ['a zone', 'zone=1'],
  ])('stops early, and its intervals contain the true numbers: %s', async (_, text) => {
    const filter = parseFilter(text);
    const { lines } = await entries.stream(filter);
    const listed = lines.map((line) => JSON.parse(line) as Entry);
    const count = await namespace.readSysctl('count');
    const { keys, sample, summary, estimate } = await entries.summarise(filter, sampled);
    expect(sample).toEqual({ size: SAMPLE, entries: count, exact: false, confidence: 0.95 });
    expect(summary).toMatchObject({ outcome: 'truncated', scanned: SAMPLE, filteredByKernel: false });
    const total = { name: 'all', truth: listed.length, ...estimate };
    const groups = keys.flatMap(({ top, without }, at) => {
      const by = BY[at] ?? expect.fail('a key that was not requested');
      const counts = countBy(by, listed);
      const rows = top.map((row) => ({ name: `${by} ${ROWS[by](row)}`, truth: counts.get(ROWS[by](row)) ?? 0, ...row.estimate }));
      return [...rows, { name: `no ${by}`, truth: counts.get(undefined) ?? 0, ...without.estimate }];
    });
    const outside = [total, ...groups].filter(({ truth, low = NaN, high = NaN }) => !(low <= truth && truth <= high));
    // The key of the hash is another after each boot. On average, 2 % are outside.
    expect(groups.length).toBeGreaterThan(20);
    expect(outside.length, JSON.stringify(outside)).toBeLessThanOrEqual(8);
    const { low = NaN, high = NaN } = total;
    expect(high - low).toBeLessThan(8 * Math.sqrt((listed.length * count) / SAMPLE));
  });

  it('reads the same entries each time, and ends its dump', async () => {
    const [first, second] = [await entries.summarise(EVERY_ENTRY, sampled), await entries.summarise(EVERY_ENTRY, sampled)];
    expect(second.keys).toEqual(first.keys);
    expect(entries.running).toBe(0);
  });

  it('equals the summary of the whole table if that has no more entries', async () => {
    const { sample, ...whole } = await entries.summarise(EVERY_ENTRY, { ...REQUEST, sample: 1_000_000 });
    expect(sample).toMatchObject({ size: whole.entries, exact: true });
    // The timeouts go on.
    expect(whole.keys).toEqual((await entries.summarise(EVERY_ENTRY, REQUEST)).keys);
  });
});
