import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tree } from './support/arbitrary-tree.ts';
import { rulesTree, tmpfilesTree } from './support/arbitrary-writers.ts';
import { tmpfilesDisagreements, udevDisagreements } from './support/compare-writers.ts';
import { Kit, WRITERS } from './support/kit.ts';
import { runWriter, type WriterRun } from './support/run-writers.ts';

const TREES = Number(process.env['PARSER_TREES'] ?? 600);
const SEED = Number(process.env['PARSER_SEED'] ?? Date.now() % 1_000_000);
const BATCH = 50;
const TREE_MILLISECONDS = 4_000;

let kit: Kit;

beforeAll(async () => {
  kit = await Kit.make(WRITERS);
});
afterAll(async () => {
  await kit.remove();
});

type Program = Parameters<typeof runWriter>[1];
type Judge = (run: WriterRun) => Promise<readonly string[]>;

const PROGRAMS: readonly (readonly [Program, fc.Arbitrary<Tree>, Judge])[] = [
  ['systemd-tmpfiles', tmpfilesTree, tmpfilesDisagreements],
  ['udevadm', rulesTree, udevDisagreements],
];

describe('the preview compared with other programs that set settings', () => {
  it.each(PROGRAMS)(
    `agrees with %s on ${TREES} trees`,
    async (program, arbitrary, judge) => {
      const trees = fc.sample(arbitrary, { numRuns: TREES, seed: SEED });
      const found: { readonly tree: Tree; readonly disagreements: readonly string[] }[] = [];
      for (let from = 0; from < trees.length; from += BATCH) {
        const batch = trees.slice(from, from + BATCH);
        const results = await runWriter(kit, program, batch, judge);
        found.push(...batch.map((tree, index) => ({ tree, disagreements: results[index] ?? ['no result'] })));
      }
      const disagreeing = found.filter(({ disagreements }) => disagreements.length > 0);
      process.stdout.write(`${program}: trees ${trees.length}, disagreements ${disagreeing.length} (PARSER_SEED=${SEED})\n`);
      const bySize = disagreeing.toSorted((a, b) => JSON.stringify(a.tree).length - JSON.stringify(b.tree).length);
      expect(bySize.slice(0, 5)).toEqual([]);
    },
    60_000 + TREES * TREE_MILLISECONDS,
  );
});
