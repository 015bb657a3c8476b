import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BootFilesFound } from '../../src/domain/boot/boot-input.ts';
import { modules, requested } from './support/arbitrary-modules.ts';
import { sysctlArguments, tree, type Tree } from './support/arbitrary-tree.ts';
import { Kit } from './support/kit.ts';
import { tryTrees, type Host, type TriedTree } from './support/try-trees.ts';

const TREES = Number(process.env['PARSER_TREES'] ?? 600);
const SEED = Number(process.env['PARSER_SEED'] ?? Date.now() % 1_000_000);
const BATCH = 50;
/** A tree takes half a second on an idle machine. */
const TREE_MILLISECONDS = 4_000;

let kit: Kit;

beforeAll(async () => {
  kit = await Kit.make();
});
afterAll(async () => {
  await kit.remove();
});

describe('the preview compared with the real parsers', () => {
  it(
    `agrees on ${TREES} trees`,
    async () => {
      const trees = fc.sample(fc.record({ tree, modules, requested, sysctlArguments }), { numRuns: TREES, seed: SEED });
      const disagreeing: TriedTree[] = [];
      for (let from = 0; from < trees.length; from += BATCH) {
        const tried = await tryTrees(kit, trees.slice(from, from + BATCH));
        disagreeing.push(...tried.filter(({ disagreements }) => disagreements.length > 0));
      }
      process.stdout.write(`trees ${trees.length}, disagreements ${disagreeing.length} (PARSER_SEED=${SEED})\n`);
      const bySize = [...disagreeing].sort((a, b) => JSON.stringify(a.tree).length - JSON.stringify(b.tree).length);
      expect(bySize.slice(0, 2)).toEqual([]);
    },
    60_000 + TREES * TREE_MILLISECONDS,
  );

  const host = (files: Tree): Host => ({
    tree: files,
    modules: [{ name: 'nf_conntrack', needs: [], aliases: ['ip_conntrack'] }],
    requested: ['ip_conntrack'],
    sysctlArguments: ['--prefix=/net/netfilter'],
  });
  const known: Tree = {
    '/etc/sysctl.d/10-a.conf': { text: 'net.netfilter.nf_conntrack_max = 1\n' },
    '/usr/lib/sysctl.d/10-a.conf': { text: 'net.netfilter.nf_conntrack_max = 2\n' },
    '/run/sysctl.d/20-b.conf': { text: 'net.nf_conntrack_max = 3\n' },
    '/etc/sysctl.conf': { text: 'net.netfilter.nf_conntrack_max = 1\n' },
    '/etc/sysctl.d/99-sysctl.conf': { leadsTo: '../sysctl.conf' },
    '/etc/modprobe.d/a.conf': { text: 'options nf_conntrack hashsize=1\n' },
    '/proc/cmdline': { text: 'nf-conntrack.hashsize=2\n' },
  };
  const onFiles =
    (change: (files: BootFilesFound['directories'][number]['files']) => BootFilesFound['directories'][number]['files']) =>
    (found: BootFilesFound): BootFilesFound => ({
      ...found,
      directories: found.directories.map((directory) => ({ ...directory, files: change(directory.files) })),
    });

  it('agrees that a link to itself masks a file', async () => {
    const looping: Tree = {
      ...known,
      '/etc/modprobe.d/10-a.conf': { leadsTo: '10-a.conf' },
      '/lib/modprobe.d/10-a.conf': { text: 'options nf_conntrack hashsize=3\n' },
    };
    expect((await tryTrees(kit, [host(looping)])).flatMap(({ disagreements }) => disagreements)).toEqual([]);
  });

  it.each([
    ['nothing', (found: BootFilesFound) => found, false],
    ['the order of the directories', (found: BootFilesFound) => ({ ...found, directories: [...found.directories].reverse() }), true],
    ['the kernel command line', (found: BootFilesFound) => without(found, 'commandLine'), true],
    ['the links', onFiles((files) => files.filter(({ linkTo }) => linkTo === undefined)), true],
    ['sysctl.conf', (found: BootFilesFound) => without(found, 'sysctlConf'), true],
    ['the aliases of modules', withoutAliases, true],
  ])('detects a distortion of %s: %#', async (_, distort, disagrees) => {
    const [tried] = await tryTrees(kit, [host(known)], distort);
    expect((tried?.disagreements.length ?? 0) > 0).toBe(disagrees);
  });
});

function withoutAliases(found: BootFilesFound): BootFilesFound {
  return { ...found, ...(found.modules && { modules: { ...found.modules, aliases: [] } }) };
}

function without(found: BootFilesFound, part: 'commandLine' | 'sysctlConf'): BootFilesFound {
  return Object.fromEntries(Object.entries(found).filter(([name]) => name !== part)) as unknown as BootFilesFound;
}
