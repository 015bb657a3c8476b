import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DumpOutcome } from '../../../../src/domain/entry.ts';
import { summaryOf, type OpenedPass } from '../../../../src/kernel/dump/opened-pass.ts';
import { TableWatch, type SeenCounts } from '../../../../src/kernel/dump/table-watch.ts';
import { passOf } from './part-stand-ins.ts';

let directory: string;
let buckets: string;
let count: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'table-watch-'));
  [buckets, count] = [join(directory, 'hashsize'), join(directory, 'count')];
  await writeFile(buckets, '16384\n');
  await writeFile(count, '900\n');
});
afterEach(() => rm(directory, { recursive: true }));

describe('a watch of the table', () => {
  it('notices a resize there and back', async () => {
    const watch = new TableWatch([join(directory, 'absent'), buckets], undefined);
    watch.check();
    expect(watch.isResized).toBe(false);
    await writeFile(buckets, '8192\n');
    watch.check();
    await writeFile(buckets, '16384\n');
    watch.check();
    expect(watch.isResized).toBe(true);
    watch.close();
  });

  it('keeps the least and the greatest count', async () => {
    const watch = new TableWatch([buckets], count);
    for (const value of [1_200, 700, 1_000]) {
      await writeFile(count, `${value}\n`);
      watch.check();
    }
    expect(watch.counts()).toEqual({ fewest: 700, most: 1_200 });
    watch.close();
  });

  it('reports nothing where the files cannot be read', () => {
    const watch = new TableWatch([join(directory, 'absent')], join(directory, 'absent'));
    watch.check();
    expect([watch.isResized, watch.counts()]).toEqual([false, undefined]);
    watch.close();
  });
});

describe('the summary of a pass', () => {
  const opened = (isPrefiltered: boolean): OpenedPass => ({ pass: passOf(1).pass, parts: 1, source: 'ctnetlink', isPrefiltered });
  const outcomeOf = (scanned: number, counts: SeenCounts | undefined, outcome: DumpOutcome = 'complete', isPrefiltered = false) => {
    const tally = { entries: scanned, scanned, unparsed: 0 };
    return summaryOf({ outcome, tally, isFilteredByKernel: false, results: [], ...(counts && { counts }) }, opened(isPrefiltered));
  };

  it.each([
    ['fewer entries than counted', 106_825, { fewest: 120_000, most: 120_000 }, 'resized'],
    ['more entries than counted', 133_640, { fewest: 119_000, most: 120_000 }, 'resized'],
    ['the entries counted', 120_000, { fewest: 120_000, most: 120_000 }, 'complete'],
    ['a count between those seen', 60_000, { fewest: 30_000, most: 120_000 }, 'complete'],
    ['a few fewer in a small table', 20, { fewest: 110, most: 110 }, 'complete'],
    ['an unknown count', 20, undefined, 'complete'],
  ])('with %s', (_, scanned, counts, outcome) => {
    expect(outcomeOf(scanned, counts).outcome).toBe(outcome);
  });

  it('names the numbers', () => {
    expect(outcomeOf(5, { fewest: 400, most: 500 }).reason).toBe('the kernel counted 400 to 500 entries, and the dump has 5');
  });

  it('does not compare where the kernel filters, or where the dump is known to be incomplete', () => {
    const counts = { fewest: 1_000, most: 1_000 };
    expect(outcomeOf(5, counts, 'complete', true).outcome).toBe('complete');
    expect(outcomeOf(5, counts, 'truncated').outcome).toBe('truncated');
    expect(outcomeOf(5, counts, 'interrupted').outcome).toBe('interrupted');
  });
});
