import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupDirectories, type CgroupDirectories } from './cgroup-directories.ts';

/** A limit on the memory of this process, with what is used of it. */
export interface MemoryLimit {
  /** For messages: a file, or a resource limit. */
  readonly name: string;
  readonly limitBytes: number;
  /** Without what the kernel can reclaim at once. */
  readonly usedBytes: number;
}

/**
 * All limits that apply to this process: of its cgroup (version 1 and 2) and of each ancestor, RLIMIT_AS, RLIMIT_DATA, and the memory of the
 * host. Those that cannot be read are omitted. Reads small files of /proc and /sys, which do not block. What is used is read only where there
 * is a limit: for `memory.stat`, the kernel collects the numbers of all CPUs.
 *
 * @param root `/`, or a directory with a tree of such files
 * @param read the text of a file, empty if it cannot be read
 */
export function memoryLimits(root = '/', read: ReadText = readText): readonly MemoryLimit[] {
  const text = (path: string): string => read(join(root, path));
  const { unified, memory } = directoriesOf(root, text);
  return [
    ...unified.flatMap((directory) => unifiedLimits(directory, text)),
    ...memory.flatMap((directory) => memoryControllerLimits(directory, text)),
    ...resourceLimits(text('/proc/self/limits'), () => text('/proc/self/status')),
    ...hostLimit(text('/proc/meminfo')),
  ];
}

let known: { readonly of: string; readonly directories: CgroupDirectories } | undefined;

/** Reads the mounts, of which a host may have thousands, only after the process was moved to another cgroup. */
function directoriesOf(root: string, text: ReadText): CgroupDirectories {
  const cgroup = text('/proc/self/cgroup');
  const of = `${root}\n${cgroup}`;
  if (known?.of !== of) known = { of, directories: cgroupDirectories(cgroup, readText(join(root, '/proc/self/mountinfo'))) };
  return known.directories;
}

/** Bytes that can still be allocated within a limit. */
export function freeBytes({ limitBytes, usedBytes }: MemoryLimit): number {
  return Math.max(0, limitBytes - usedBytes);
}

/** The limit with the fewest free bytes; `undefined` if none can be read. */
export function tightest(limits: readonly MemoryLimit[]): MemoryLimit | undefined {
  return limits.reduce<MemoryLimit | undefined>(
    (least, limit) => (least === undefined || freeBytes(limit) < freeBytes(least) ? limit : least),
    undefined,
  );
}

type ReadText = (path: string) => string;

/** Version 1 reports a number without a limit, too: the largest that is a multiple of the page size, just below 2^63. */
const UNLIMITED_BYTES = 2 ** 62;

/** Above `memory.high`, the kernel slows the process down until it hardly runs, so both count. */
function unifiedLimits(directory: string, text: ReadText): readonly MemoryLimit[] {
  const limits = limitsIn([`${directory}/memory.max`, `${directory}/memory.high`], text);
  return limits.length === 0 ? [] : withUse(limits, text(`${directory}/memory.current`), cacheIn(text(`${directory}/memory.stat`), ''));
}

function memoryControllerLimits(directory: string, text: ReadText): readonly MemoryLimit[] {
  const limits = limitsIn([`${directory}/memory.limit_in_bytes`], text).filter(({ limitBytes }) => limitBytes < UNLIMITED_BYTES);
  if (limits.length === 0) return [];
  return withUse(limits, text(`${directory}/memory.usage_in_bytes`), cacheIn(text(`${directory}/memory.stat`), 'total_'));
}

type Limit = Omit<MemoryLimit, 'usedBytes'>;

function limitsIn(files: readonly string[], text: ReadText): readonly Limit[] {
  return files.flatMap((name) => {
    const limitBytes = numberIn(text(name));
    return limitBytes === undefined ? [] : [{ name, limitBytes }];
  });
}

function withUse(limits: readonly Limit[], used: string, reclaimable: number): readonly MemoryLimit[] {
  return limits.flatMap(({ name, limitBytes }) => limit(name, limitBytes, numberIn(used), reclaimable));
}

const KILOBYTE = 1_024;
const RESOURCES = [
  ['RLIMIT_AS', 'Max address space', 'VmSize'],
  ['RLIMIT_DATA', 'Max data size', 'VmData'],
] as const;

function resourceLimits(limits: string, status: () => string): readonly MemoryLimit[] {
  const soft = RESOURCES.flatMap(([name, row, field]) => {
    const limitBytes = numberIn(new RegExp(`^${row}\\s+(\\d+)\\s`, 'm').exec(limits)?.[1] ?? '');
    return limitBytes === undefined ? [] : [{ name, limitBytes, field }];
  });
  if (soft.length === 0) return [];
  const used = status();
  return soft.flatMap(({ name, limitBytes, field }) => limit(name, limitBytes, kilobytesIn(used, field), 0));
}

function hostLimit(meminfo: string): readonly MemoryLimit[] {
  const [total, available] = [kilobytesIn(meminfo, 'MemTotal'), kilobytesIn(meminfo, 'MemAvailable')];
  return available === undefined || total === undefined ? [] : limit('the memory of the host', total, total - available, 0);
}

function limit(name: string, limitBytes: number, used: number | undefined, reclaimable: number): readonly MemoryLimit[] {
  if (used === undefined) return [];
  return [{ name, limitBytes, usedBytes: Math.max(0, used - reclaimable) }];
}

/** Pages of files, which the kernel drops when memory is short. */
function cacheIn(stat: string, prefix: string): number {
  return ['inactive_file', 'active_file'].reduce((sum, name) => {
    return sum + Number(new RegExp(`^${prefix}${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  }, 0);
}

function kilobytesIn(text: string, field: string): number | undefined {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * KILOBYTE;
}

/** `undefined` for `max`, `unlimited` and files that do not exist. */
function numberIn(text: string): number | undefined {
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** Empty if the file cannot be read. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
