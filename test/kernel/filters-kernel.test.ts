import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import { allOf } from '../../src/domain/filter/common-filter.ts';
import { EVERY_ENTRY, type Filter } from '../../src/domain/filter/filter.ts';
import { formatFilter } from '../../src/domain/filter/format-filter.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { fillView } from '../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../src/kernel/entries/entry-view.ts';
import { compileFilter } from '../../src/kernel/entries/matcher.ts';
import { arbitraryFilter, arbitraryTest } from '../unit/domain/filter/arbitrary-filter.ts';
import { dice } from '../unit/kernel/netlink/mutations.ts';
import { drawn } from './support/drawn-filter.ts';
import { EntriesOf } from './support/host-entries.ts';
import { makeEntries, makeRareEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

/** Each run walks all buckets of the host's hash table. */
const RUNS = 60;

let namespace: NetworkNamespace;
let entries: EntriesOf;
let table: readonly Entry[];

beforeAll(async () => {
  namespace = await NetworkNamespace.create('filters');
  entries = new EntriesOf(namespace);
  await namespace.writeSysctl('acct', 1);
  await makeEntries(namespace, 3_000);
  await makeRareEntries(namespace);
  await namespace.talk();
  table = (await entries.stream(EVERY_ENTRY)).lines.map((line) => JSON.parse(line) as Entry);
});

afterAll(async () => {
  await entries.close();
  await namespace.delete();
});

/** Ids of the entries of the whole table that the filter selects. */
function selectedHere(filter: Filter): string[] {
  const view = new EntryView();
  const matches = compileFilter(filter, Date.now);
  const wanted = table.filter((entry) => {
    fillView(entry, view);
    return matches(view);
  });
  return wanted.map(({ id }) => id).sort();
}

const first = (isWanted: (entry: Entry) => boolean): Entry => {
  const found = table.find(isWanted);
  if (!found) throw new Error('the table has no such entry');
  return found;
};

function isSixthWeb({ family, protocol, original }: Entry): boolean {
  return family === 'ipv6' && protocol === 'tcp' && original.destinationPort === 443;
}

describe('the kernel’s filter and the service’s filter', () => {
  it('together select the same entries as the service’s filter alone, for any filter', async () => {
    const conjunction = fc
      .array(
        arbitraryTest.map((test): Filter => ({ kind: 'test', test })),
        { minLength: 1, maxLength: 3 },
      )
      .map((tests) => allOf(...tests));
    const tally = { filtered: 0, selected: 0 };
    const property = fc.asyncProperty(fc.oneof(conjunction, arbitraryFilter), fc.nat(), async (shape, seed) => {
      const roll = dice(seed);
      // Most values of one filter come from one entry; otherwise a conjunction would select nothing.
      const main = table[roll(table.length)];
      const filter = drawn(shape, () => (roll(4) > 0 ? main : table[roll(table.length)]) as Entry);
      const { ids, trailer } = await entries.stream(filter);
      expect([...ids].sort(), formatFilter(filter)).toEqual(selectedHere(filter));
      expect(trailer).toMatchObject({ outcome: 'complete', entries: ids.length, unparsed: 0 });
      if (trailer.filteredByKernel) tally.filtered += 1;
      if (ids.length > 0) tally.selected += 1;
    });
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    expect(tally.filtered).toBeGreaterThan(RUNS / 8);
    expect(tally.selected).toBeGreaterThan(RUNS / 3);
  });

  it.each<[string, () => string, boolean]>([
    ['an IPv4 source', () => `source=${first(({ family }) => family === 'ipv4').original.source}`, true],
    ['an IPv6 source', () => `source=${first(({ family }) => family === 'ipv6').original.source}`, true],
    ['an IPv6 destination', () => `destination=${first(({ family }) => family === 'ipv6').original.destination}`, true],
    ['an IPv6 address and a port', () => `source=${first(isSixthWeb).original.source} and protocol=tcp and dport=443`, true],
    ['the other IPv6 addresses', () => `family=ipv6 and source!=${first(({ family }) => family === 'ipv6').original.source}`, true],
    ['a port without a family', () => 'protocol=tcp and dport=22', true],
    ['a translated source', () => `natSource=${first(({ status }) => status.includes('SRC_NAT')).reply.destination}`, true],
    ['a zone', () => `zone=${String(first(({ zone }) => zone !== undefined).zone)}`, true],
    ['no zone', () => 'zone=0', false],
    ['a mark', () => `mark=${String(first(({ mark }) => mark !== undefined && mark > 0).mark)}`, true],
    ['no mark', () => 'mark=0', true],
    ['every mark', () => 'mark=0/0', false],
    ['what is not translated', () => 'nat=none', true],
    ['either of two', () => 'protocol=icmp or family=ipv6', false],
  ])('agree about %s', async (_, text, isFiltered) => {
    const filter = parseFilter(text());
    const { ids, trailer } = await entries.stream(filter);
    expect(ids.length).toBeGreaterThan(0);
    expect([...ids].sort()).toEqual(selectedHere(filter));
    expect(trailer.filteredByKernel).toBe(isFiltered);
    expect(trailer.scanned < table.length).toBe(isFiltered);
    expect((await entries.count(filter)).entries).toBe(ids.length);
  });
});
