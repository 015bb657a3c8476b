import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectedBytes } from '../../../../src/kernel/memory/expected-use.ts';
import { cgroupDirectories } from '../../../../src/kernel/memory/cgroup-directories.ts';
import { freeBytes, memoryLimits, tightest } from '../../../../src/kernel/memory/memory-limits.ts';
import { requireMemory } from '../../../../src/kernel/memory/require-memory.ts';

// Threads that earlier tests started in this process count for two seconds.
beforeAll(() => vi.waitUntil(() => expectedBytes() === 0, { timeout: 10_000 }));

const MEBIBYTE = 1_048_576;
const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true });
});

function treeOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'memory-limits-'));
  trees.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const V2_MOUNT = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';
const V1_MOUNT = '33 29 0:29 / /sys/fs/cgroup/memory rw,relatime shared:10 - cgroup cgroup rw,memory\n';
const STATUS = 'VmSize:\t 2048000 kB\nVmData:\t  512000 kB\n';
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max data size             unlimited            unlimited            bytes
Max address space         unlimited            unlimited            bytes
`;

function v2(files: Readonly<Record<string, string>>): Record<string, string> {
  const tree: Record<string, string> = { 'proc/self/cgroup': '0::/system.slice/api.service\n', 'proc/self/mountinfo': V2_MOUNT };
  for (const [path, text] of Object.entries(files)) tree[`sys/fs/cgroup/${path}`] = text;
  return tree;
}

describe('the memory limit of a process', () => {
  it('is memory.max of its cgroup, without the file cache that the kernel can reclaim', () => {
    const root = treeOf(
      v2({
        'system.slice/api.service/memory.max': '134217728\n',
        'system.slice/api.service/memory.high': 'max\n',
        'system.slice/api.service/memory.current': '104857600\n',
        'system.slice/api.service/memory.stat': 'anon 83886080\nfile 20971520\ninactive_file 10485760\nactive_file 5242880\n',
        'system.slice/memory.max': 'max\n',
        'system.slice/memory.current': '904857600\n',
      }),
    );
    expect(memoryLimits(root)).toEqual([
      { name: '/sys/fs/cgroup/system.slice/api.service/memory.max', limitBytes: 128 * MEBIBYTE, usedBytes: 85 * MEBIBYTE },
    ]);
  });

  it.each([
    ['memory.max of an ancestor', 'system.slice/memory.max', '200000000'],
    ['memory.max of the topmost ancestor that is mounted', 'memory.max', '200000000'],
    ['memory.high of its cgroup', 'system.slice/api.service/memory.high', '200000000'],
  ])('is %s where that leaves least', (_, path, limit) => {
    const used = Object.fromEntries(
      ['', 'system.slice/', 'system.slice/api.service/'].map((group) => [`${group}memory.current`, '100000000']),
    );
    const root = treeOf(v2({ ...used, 'system.slice/api.service/memory.max': '300000000', [path]: limit }));
    expect(tightest(memoryLimits(root))).toEqual({ name: `/sys/fs/cgroup/${path}`, limitBytes: 200_000_000, usedBytes: 100_000_000 });
  });

  it('is that of cgroup v1, of each level', () => {
    const root = treeOf({
      'proc/self/cgroup': '9:name=systemd:/\n4:cpu,memory:/docker/abc\n0::/\n',
      'proc/self/mountinfo': V2_MOUNT.replace('/sys/fs/cgroup', '/sys/fs/cgroup/unified') + V1_MOUNT,
      'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes': '60000000\n',
      'sys/fs/cgroup/memory/docker/memory.limit_in_bytes': '100000000\n',
      'sys/fs/cgroup/memory/docker/memory.usage_in_bytes': '90000000\n',
      'sys/fs/cgroup/memory/docker/memory.stat': 'cache 9\ninactive_file 1\ntotal_inactive_file 5000000\ntotal_active_file 1000000\n',
    });
    expect(tightest(memoryLimits(root))).toEqual({
      name: '/sys/fs/cgroup/memory/docker/memory.limit_in_bytes',
      limitBytes: 100_000_000,
      usedBytes: 84_000_000,
    });
  });

  it.each([
    ['RLIMIT_AS', 'address space         unlimited', 'address space         2100000000', 2_100_000_000, 2_048_000 * 1_024],
    ['RLIMIT_DATA', 'data size             unlimited', 'data size             600000000', 600_000_000, 512_000 * 1_024],
  ])('is %s', (name, row, limited, limitBytes, usedBytes) => {
    const root = treeOf({ 'proc/self/limits': LIMITS.replace(row, limited), 'proc/self/status': STATUS });
    expect(memoryLimits(root)).toEqual([{ name, limitBytes, usedBytes }]);
  });

  it('is the memory of the host where there is no other', () => {
    const root = treeOf({ 'proc/meminfo': 'MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  300 kB\n', 'proc/self/limits': LIMITS });
    expect(memoryLimits(root)).toEqual([{ name: 'the memory of the host', limitBytes: 1_024_000, usedBytes: 700 * 1_024 }]);
  });

  it('is unknown, and nothing is refused, where nothing can be read', () => {
    expect(memoryLimits(treeOf({}))).toEqual([]);
    requireMemory('The page', 2 ** 50, 'Request less.', []);
  });

  it('has no free bytes if it was lowered below what is in use', () => {
    expect(freeBytes({ name: '', limitBytes: 1, usedBytes: 2 })).toBe(0);
  });
});

describe('the cgroup of a process', () => {
  it.each([
    ['whose own cgroup is mounted, as in a container', '0::/\n', V2_MOUNT, ['/sys/fs/cgroup']],
    [
      'whose mount shows a part of the hierarchy',
      '0::/docker/abc/in\n',
      V2_MOUNT.replace(' / /sys', ' /docker/abc /sys'),
      ['/sys/fs/cgroup/in', '/sys/fs/cgroup'],
    ],
    ['outside of its mount', '0::/elsewhere\n', V2_MOUNT.replace(' / /sys', ' /docker/abc /sys'), ['/sys/fs/cgroup']],
    ['above the root of its cgroup namespace', '0::/../other\n', V2_MOUNT, ['/sys/fs/cgroup']],
    ['with a blank in the path of the mount', '0::/\n', V2_MOUNT.replace('/sys/fs/cgroup', '/my\\040cgroup'), ['/my cgroup']],
    ['without a mount', '0::/a\n', '', []],
  ])('is found for a process %s', (_, cgroup, mounts, unified) => {
    expect(cgroupDirectories(cgroup, mounts)).toEqual({ unified, memory: [] });
  });
});

describe('a request that needs more memory than is free', () => {
  const limits = [{ name: 'memory.max', limitBytes: 128 * MEBIBYTE, usedBytes: 110 * MEBIBYTE }];

  it('is refused with the limit, what is in use, and what to do', () => {
    expect(() => {
      requireMemory('The summary', 11 * MEBIBYTE, 'Request fewer keys.', limits);
    }).toThrow(
      expect.objectContaining({
        code: 'RESOURCES_EXHAUSTED',
        message:
          'The memory limit is too low: The summary needs 11.0 MiB, and 8.0 MiB must stay free. Found: memory.max is 128.0 MiB, of which 110.0 MiB are in use.',
      }) as Error,
    );
  });

  it('is not refused if it leaves the reserve free', () => {
    requireMemory('The summary', 10 * MEBIBYTE, 'Request fewer keys.', limits);
  });
});
