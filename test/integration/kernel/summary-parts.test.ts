import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUMMARY_KEYS } from '../../../src/domain/entry-summary.ts';
import { EVERY_ENTRY, type Filter } from '../../../src/domain/filter/filter.ts';
import { parseFilter } from '../../../src/domain/filter/parse-filter.ts';
import { demoEntryLine } from '../../../src/kernel/demo-entries.ts';
import type { DumpJob } from '../../../src/kernel/dump/dump-job.ts';
import { DumpPass, type PassEnd } from '../../../src/kernel/dump/dump-pass.ts';
import { DumpWorkers } from '../../../src/kernel/dump/dump-workers.ts';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';

const DUMP = '/proc/net/nf_conntrack';
const HALVES = ['nat=source', 'nat!=source'];
const PARTS = ['nat=source', 'nat!=source and family=ipv6', 'nat!=source and family=ipv4'];

let tree: KernelTree;
const workers = new DumpWorkers();

beforeAll(async () => {
  tree = await copyKernelTree('nf_conntrack');
  const lines = Array.from({ length: 20_000 }, (_, n) => demoEntryLine(n)).join('');
  await tree.write(DUMP, lines);
});

afterAll(async () => {
  await workers.close();
  await tree.remove();
});

/** @param path of the parts after the first */
function start(filters: readonly Filter[], path = join(tree.root, DUMP)): DumpPass {
  const jobs = filters.map((filter, part): DumpJob => {
    const request = { by: SUMMARY_KEYS, top: 1000, orderBy: 'entries' } as const;
    return {
      source: { kind: 'text', path: part === 0 ? join(tree.root, DUMP) : path },
      bucketsPaths: [],
      filter,
      output: { kind: 'summary', request, part, parts: filters.length },
    };
  });
  return new DumpPass(jobs.length, (onMessage) => workers.run(jobs, onMessage));
}

async function summarise(filters: readonly Filter[]): Promise<PassEnd> {
  const pass = start(filters);
  expect(await pass.untilOpened()).toBeUndefined();
  await pass.take();
  return pass.end();
}

const summaryIn = ({ results }: PassEnd): unknown => results.find(({ summary }) => summary)?.summary;

describe('a summary whose parts are read in threads', () => {
  it.each([
    ['one part a thread', HALVES],
    ['more parts than threads, so that a thread reads several', PARTS],
  ])('equals that of one pass: %s', async (_, filters) => {
    const whole = await summarise([EVERY_ENTRY]);
    const parts = await summarise(filters.map(parseFilter));
    expect(whole.tally.entries).toBe(20_000);
    expect(summaryIn(parts)).toEqual(summaryIn(whole));
    expect(parts.tally.entries).toBe(whole.tally.entries);
  });

  it('is refused if one part is, and the next summary is not affected', async () => {
    const filters = HALVES.map(parseFilter);
    const refused = start(filters, tree.root);
    expect(await refused.untilOpened()).toMatchObject({ kind: 'unreadable', failure: { code: 'EISDIR' } });
    await refused.ended;
    expect(summaryIn(await summarise(filters))).toMatchObject({ entries: 20_000 });
  });
});
