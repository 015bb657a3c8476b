/** Directories of the cgroup that the process belongs to, and of its ancestors as far as they are mounted. */
export interface CgroupDirectories {
  /** Of cgroup v2. */
  readonly unified: readonly string[];
  /** Of the memory controller of cgroup v1. */
  readonly memory: readonly string[];
}

/** @param cgroup `/proc/self/cgroup` @param mountinfo `/proc/self/mountinfo` */
export function cgroupDirectories(cgroup: string, mountinfo: string): CgroupDirectories {
  const mounts = mountinfo.split('\n').flatMap(parseMount);
  const unified = mounts.find(({ type }) => type === 'cgroup2');
  const memory = mounts.find(({ type, options }) => type === 'cgroup' && options.includes('memory'));
  return {
    unified: unified === undefined ? [] : chain(unified, /^0::(.+)$/m.exec(cgroup)?.[1]),
    memory: memory === undefined ? [] : chain(memory, /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.+)$/m.exec(cgroup)?.[1]),
  };
}

interface Mount {
  /** The part of the hierarchy that is mounted. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** `29 22 0:25 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory` (proc_pid_mountinfo(5)). */
function parseMount(line: string): readonly Mount[] {
  const [before = '', after] = line.split(' - ');
  const [, , , root, point] = before.split(' ');
  const [type, , options = ''] = after?.split(' ') ?? [];
  if (root === undefined || point === undefined || type === undefined) return [];
  return [{ root: unescaped(root), point: unescaped(point), type, options: options.split(',') }];
}

/** Blanks and backslashes are octal. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** From the process's own cgroup up to the mount point. A container may see its own cgroup only, under any path: then the mount point is it. */
function chain({ root, point }: Mount, path = '/'): readonly string[] {
  const below = root === '/' ? path : path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : '/';
  const names = below.split('/').filter((name) => name !== '');
  if (names.includes('..')) return [point];
  return names.reduce<readonly string[]>((directories, name) => [`${directories[0] ?? point}/${name}`, ...directories], [point]);
}
