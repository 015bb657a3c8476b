import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { fillView } from '../../src/kernel/entries/entry-to-view.ts';
import { entryId } from '../../src/kernel/entries/entry-id.ts';
import { EntryView } from '../../src/kernel/entries/entry-view.ts';
import { compileFilter } from '../../src/kernel/entries/matcher.ts';
import { parseEntryLine } from '../../src/kernel/procfs/entry-line.ts';
import { EntriesOf } from './support/host-entries.ts';
import { makeEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

/** Masquerading to another port of the same address, which changes no address. */
const RULES = `
table ip ct_nat {
  chain after { type nat hook postrouting priority 100; udp dport 10000-10099 masquerade to :50000-50100; udp dport 10100-10199 snat to 192.0.2.7; }
}`;

let namespace: NetworkNamespace;
let entries: EntriesOf;
let lines: readonly string[];

beforeAll(async () => {
  namespace = await NetworkNamespace.create('text-nat');
  entries = new EntriesOf(namespace);
  await namespace.run('nft', ['-f', '-'], RULES);
  await makeEntries(namespace, 2_000);
  await namespace.talk();
  lines = (await namespace.run('cat', ['/proc/net/nf_conntrack'])).split('\n').filter(Boolean);
});

afterAll(async () => {
  await entries.close();
  await namespace.delete();
});

/** Ids without the kernel's part, which the text does not have. */
function selectedFromText(filter: string): readonly string[] {
  const matches = compileFilter(parseFilter(filter), Date.now);
  const view = new EntryView();
  return lines
    .flatMap((line) => {
      const entry = parseEntryLine(line);
      if (entry === undefined) throw new Error(`not parsed: ${line}`);
      fillView(entry, view);
      return matches(view) ? [entryId(view)] : [];
    })
    .sort();
}

describe('a filter by NAT on the text source', () => {
  it.each([
    'nat=source',
    'nat=destination',
    'nat=any',
    'nat=none',
    'status=SRC_NAT and not status=DST_NAT',
    'natSource=192.0.2.0/24',
    'natDestination=0.0.0.0/0',
  ])('selects the entries that ctnetlink reports as translated: %s', async (filter) => {
    const { lines: wanted } = await entries.stream(parseFilter(filter));
    const ids = wanted.map((line) => (JSON.parse(line) as Entry).id.replace(/-.*/, ''));
    expect(ids.length).toBeGreaterThan(0);
    expect(selectedFromText(filter)).toEqual(ids.sort());
  });
});
