import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/domain/filter/parse-filter.ts';
import { EVERY_ENTRY } from '../../../src/domain/filter/filter.ts';
import { demoEntryLine } from '../../../src/kernel/demo-entries.ts';
import type { HostEntries } from '../../../src/kernel/dump/host-entries.ts';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';
import { entriesOver, parseStream, streamed } from './host-entries.ts';

const DUMP = '/proc/net/nf_conntrack';

let tree: KernelTree;
let entries: HostEntries;

beforeAll(async () => {
  tree = await copyKernelTree('nf_conntrack');
  entries = entriesOver(tree.root, { maxDumps: 1 });
});

afterAll(async () => {
  await entries.close();
  await tree.remove();
});

const udpLine = (port: number): string => demoEntryLine(12).replaceAll(String(32_768 + 12), String(port));

async function allPages(filter: string, limit: number, between: () => Promise<void> = () => Promise.resolve()): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await entries.page(parseFilter(filter), limit, after);
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    expect(page.summary).toMatchObject({
      outcome: page.summary.unparsed > 0 ? 'lossy' : 'complete',
      entries: page.entries.length,
      source: DUMP,
    });
    ids.push(...page.entries.map(({ id }) => id));
    if (page.next === undefined) return ids;
    after = page.next;
    await between();
  }
}

describe('pages', () => {
  it('together contain every matching entry once, in order of id', async () => {
    const given = parseStream(await streamed(entries, 'protocol=tcp')).entries.map(({ id }) => id);
    expect(await allPages('protocol=tcp', 7)).toEqual(given.sort());
  });

  it('end without a cursor if the last page is full', async () => {
    expect(await entries.page(EVERY_ENTRY, 49)).not.toHaveProperty('next');
    expect(await entries.page(EVERY_ENTRY, 48)).toHaveProperty('next');
  });

  it('contain a flow that exists during all of them exactly once, while other flows start, end and change their place', async () => {
    const survivors = Array.from({ length: 200 }, (_, n) => 20_000 + 50 * n);
    let round = 0;
    const churn = async (): Promise<void> => {
      round += 1;
      const shortLived = Array.from({ length: 300 }, (_, n) => 20_001 + ((n * 37 + round * 113) % 9_000)).filter((port) => port % 50 !== 0);
      // The kernel may list an entry twice.
      const ports = [...survivors, ...shortLived, ...survivors.slice(0, 20)].map((port, n) => ({ port, order: (n * 7_919 + round) % 521 }));
      await tree.write(
        DUMP,
        ports
          .toSorted((a, b) => a.order - b.order)
          .map(({ port }) => udpLine(port))
          .join(''),
      );
    };
    await churn();
    const seen = await allPages('all', 40, churn);
    const survived = seen.filter((id) => Number.parseInt(id.slice(-14, -10), 16) % 50 === 0);
    expect(round).toBeGreaterThan(5);
    expect(survived).toHaveLength(200);
    expect(new Set(seen).size).toBe(seen.length);
  });
});
