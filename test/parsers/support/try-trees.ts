import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootFilesFound } from '../../../src/domain/boot/boot-input.ts';
import { plant, type Tree } from './arbitrary-tree.ts';
import { disagreements, type Disagreement } from './compare.ts';
import type { BuiltModule } from './elf-module.ts';
import { plantModules, type Kit } from './kit.ts';
import { runParsers, type RealAnswer } from './run-parsers.ts';

/** Number of parallel batches. */
const BATCHES = 2;

/** A host: its files, the modules of its kernel, the names to load, and other inputs of the programs. */
export interface Host {
  readonly tree: Tree;
  readonly modules: readonly BuiltModule[];
  readonly requested: readonly string[];
  /** Of systemd-sysctl. */
  readonly sysctlArguments: readonly string[];
}

export interface TriedTree extends Host {
  readonly disagreements: readonly Disagreement[];
}

/** @param distort changes the input of the preview, to show that differences are detected */
export async function tryTrees(
  kit: Kit,
  hosts: readonly Host[],
  distort: (found: BootFilesFound) => BootFilesFound = (found) => found,
): Promise<readonly TriedTree[]> {
  const roots = hosts.map((_, index) => join(kit.directory, `tree-${index}`));
  try {
    for (const [index, root] of roots.entries()) {
      await mkdir(root);
      await kit.addTo(root);
      const { tree, modules, requested, sysctlArguments } = hostAt(hosts, index);
      await writeFile(join(root, 'requested'), requested.join(' '));
      await writeFile(join(root, 'arguments'), sysctlArguments.join(' '));
      await plantModules(root, modules);
      await plant(root, tree);
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
        const host = hostAt(hosts, index);
        return { ...host, disagreements: await disagreements(root, host, answer, distort) };
      }),
    );
  } finally {
    await Promise.all(roots.map((root) => rm(root, { recursive: true, force: true })));
  }
}

function hostAt(hosts: readonly Host[], index: number): Host {
  const host = hosts[index];
  if (!host) throw new Error(`there is no host ${index}`);
  return host;
}
