import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProcfsTable } from '../../../src/kernel/procfs/procfs-table.ts';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';

const MEMINFO = 'MemTotal:       24690528 kB\nMemFree:          112 kB\nMemAvailable:   23000000 kB\nHugePages_Total:       0\n';

const NOT_ENABLED = 'Access to other network namespaces is not enabled.';

/** Pairs of little-endian words. Pages have 16 KiB, as on some arm64 kernels. */
function auxv(...pairs: readonly (readonly [bigint, bigint])[]): string {
  return Buffer.from(new BigUint64Array(pairs.flat()).buffer).toString('latin1');
}

let tree: KernelTree;
beforeEach(async () => {
  tree = await copyKernelTree('nf_conntrack');
});
afterEach(() => tree.remove());

describe('the facts for risk checks', () => {
  it('contain count, max, buckets, object size, memory and the bucket heads per page', async () => {
    await tree.write('proc/meminfo', MEMINFO);
    await tree.write('proc/self/auxv', auxv([33n, 4_096n], [6n, 16_384n], [0n, 0n]));
    expect(await new ProcfsTable(tree.root).facts()).toEqual({
      layout: 'nf_conntrack',
      count: 49,
      max: 65_536,
      buckets: 16_384,
      objectBytes: 256,
      host: { total: 49, basis: 'slab', elsewhere: 0, namespaces: [], notRead: NOT_ENABLED },
      memoryTotalBytes: 24_690_528 * 1024,
      memoryAvailableBytes: 23_000_000 * 1024,
      bucketQuantum: 2_048,
    });
  });

  it('omit values that cannot be read', async () => {
    const facts = await new ProcfsTable(tree.root).facts();
    expect(Object.keys(facts).sort()).toEqual(['buckets', 'count', 'host', 'layout', 'max', 'objectBytes']);
  });
});
