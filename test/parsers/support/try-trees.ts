import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootFilesFound } from '../../../src/domain/boot/boot-input.ts';
import { plant, type Tree } from './arbitrary-tree.ts';
import { disagreements, type Disagreement } from './compare.ts';
import type { Kit } from './kit.ts';
import { runParsers, type RealAnswer } from './run-parsers.ts';

/** Two at a time, on a machine of two cores. */
const LANES = 2;

export interface TriedTree {
  readonly tree: Tree;
  readonly disagreements: readonly Disagreement[];
}

/** @param distort what the preview is told in place of what was found: a way to see that disagreements are noticed */
export async function tryTrees(
  kit: Kit,
  trees: readonly Tree[],
  distort: (found: BootFilesFound) => BootFilesFound = (found) => found,
): Promise<readonly TriedTree[]> {
  const roots = trees.map((_, index) => join(kit.directory, `tree-${index}`));
  try {
    for (const [index, root] of roots.entries()) {
      await mkdir(root);
      await kit.addTo(root);
      await plant(root, trees[index] ?? {});
    }
    const lanes = Array.from({ length: LANES }, (_, lane) => roots.filter((_root, index) => index % LANES === lane));
    const answered = await Promise.all(lanes.map((lane) => runParsers(lane)));
    const answers = new Map<string, RealAnswer>();
    lanes.forEach((lane, at) => {
      lane.forEach((root, index) => {
        const answer = answered[at]?.[index];
        if (answer) answers.set(root, answer);
      });
    });
    return await Promise.all(
      roots.map(async (root, index) => {
        const answer = answers.get(root);
        if (!answer) throw new Error(`the parsers said nothing of ${root}`);
        return { tree: trees[index] ?? {}, disagreements: await disagreements(root, answer, distort) };
      }),
    );
  } finally {
    await Promise.all(roots.map((root) => rm(root, { recursive: true, force: true })));
  }
}
