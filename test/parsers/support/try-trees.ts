import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootFilesFound } from '../../../src/domain/boot/boot-input.ts';
import { plant, type Tree } from './arbitrary-tree.ts';
import { disagreements, type Disagreement } from './compare.ts';
import type { Kit } from './kit.ts';
import { runParsers, type RealAnswer } from './run-parsers.ts';

/** Number of parallel batches. */
const BATCHES = 2;

export interface TriedTree {
  readonly tree: Tree;
  readonly disagreements: readonly Disagreement[];
}

/** @param distort changes the input of the preview, to show that differences are detected */
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
    const batches = Array.from({ length: BATCHES }, (_, batch) => roots.filter((_root, index) => index % BATCHES === batch));
    const answered = await Promise.all(batches.map((batch) => runParsers(batch)));
    const answers = new Map<string, RealAnswer>();
    batches.forEach((batch, at) => {
      batch.forEach((root, index) => {
        const answer = answered[at]?.[index];
        if (answer) answers.set(root, answer);
      });
    });
    return await Promise.all(
      roots.map(async (root, index) => {
        const answer = answers.get(root);
        if (!answer) throw new Error(`the parsers have no result for ${root}`);
        return { tree: trees[index] ?? {}, disagreements: await disagreements(root, answer, distort) };
      }),
    );
  } finally {
    await Promise.all(roots.map((root) => rm(root, { recursive: true, force: true })));
  }
}
