import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupDirectories } from './cgroup-directories.ts';

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
 * host. Those that cannot be read are omitted. Reads small files of /proc and /sys, which do not block.
 *
 * @param root `/`, or a directory with a tree of such files
 */
export function memoryLimits(root = '/'): readonly MemoryLimit[] {
  const text = (path: string): string => readText(join(root, path));
  const { unified, memory } = cgroupDirectories(text('/proc/self/cgroup'), text('/proc/self/mountinfo'));
  return [
    ...unified.flatMap((directory) => unifiedLimits(directory, text)),
    ...memory.flatMap((directory) => memoryControllerLimits(directory, text)),
    ...resourceLimits(text('/proc/self/limits'), text('/proc/self/status')),
    ...hostLimit(text('/proc/meminfo')),
  ];
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

/** Above `memory.high`, the kernel slows the process down until it hardly runs, so both count. */
function unifiedLimits(directory: string, text: ReadText): readonly MemoryLimit[] {
  const used = numberIn(text(`${directory}/memory.current`));
  const reclaimable = cacheIn(text(`${directory}/memory.stat`), '');
  return ['memory.max', 'memory.high'].flatMap((file) =>
    limit(`${directory}/${file}`, numberIn(text(`${directory}/${file}`)), used, reclaimable),
  );
}

function memoryControllerLimits(directory: string, text: ReadText): readonly MemoryLimit[] {
  const used = numberIn(text(`${directory}/memory.usage_in_bytes`));
  const reclaimable = cacheIn(text(`${directory}/memory.stat`), 'total_');
  const file = `${directory}/memory.limit_in_bytes`;
  return limit(file, numberIn(text(file)), used, reclaimable);
}

const KILOBYTE = 1_024;
const RESOURCES = [
  ['RLIMIT_AS', 'Max address space', 'VmSize'],
  ['RLIMIT_DATA', 'Max data size', 'VmData'],
] as const;

function resourceLimits(limits: string, status: string): readonly MemoryLimit[] {
  return RESOURCES.flatMap(([name, row, field]) => {
    const soft = new RegExp(`^${row}\\s+(\\d+)\\s`, 'm').exec(limits)?.[1];
    return limit(name, numberIn(soft ?? ''), kilobytesIn(status, field), 0);
  });
}

function hostLimit(meminfo: string): readonly MemoryLimit[] {
  const [total, available] = [kilobytesIn(meminfo, 'MemTotal'), kilobytesIn(meminfo, 'MemAvailable')];
  return available === undefined || total === undefined ? [] : limit('the memory of the host', total, total - available, 0);
}

function limit(name: string, limitBytes: number | undefined, used: number | undefined, reclaimable: number): readonly MemoryLimit[] {
  if (limitBytes === undefined || used === undefined) return [];
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
