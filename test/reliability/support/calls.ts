import { BOOT_DIRECTORIES } from './host.ts';
import type { Thread } from './service.ts';

/** One system call on a watched path, identified so that it can be found again in another run. */
export interface Call {
  readonly thread: Thread;
  readonly syscall: string;
  /** The first watched path among its arguments; a random part is replaced. */
  readonly target: string;
  /**
   * The number, from 1, of this call among the thread's calls of that name on the target since the tracer was attached. If the target has a
   * random part, which a tracer cannot match, the number among the calls on any path.
   */
  readonly ordinal: number;
}

/** Threads race: a call may occur at another ordinal than when it was recorded, especially if all calls of that name are counted. */
const SHIFTS = [0, 0, 0, 0, 0];
const SHIFTS_AMONG_ALL = [0, 0, 1, -1, 2, -2, 3, -3, 4, -4];

/** The ordinals to try for a call, in order. */
export function attemptsAt(call: Call): Call[] {
  return (isRandom(call) ? SHIFTS_AMONG_ALL : SHIFTS).map((shift) => ({ ...call, ordinal: Math.max(1, call.ordinal + shift) }));
}

export function isSame(found: Call | undefined, { syscall, target }: Call): boolean {
  return found?.syscall === syscall && found.target === target;
}

/** The key for comparing two runs. Omits the ordinal, which other work can shift. */
export function kindOf({ thread, syscall, target }: Call): string {
  return `${thread} ${syscall} ${target}`;
}

/** The calls that occur in every other run too. The check every second, and its locks, occur in some runs only. */
export function steadyCalls(calls: readonly Call[], others: readonly (readonly Call[])[]): Call[] {
  const least = (kind: string): number => Math.min(...others.map((run) => run.filter((call) => kindOf(call) === kind).length));
  const seen = new Map<string, number>();
  return calls.filter((call) => {
    const kind = kindOf(call);
    const nth = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, nth);
    return nth <= least(kind);
  });
}

export type Watch = (path: string) => boolean;

export function describeCall({ thread, syscall, ordinal, target }: Call): string {
  return `${syscall} ${ordinal} of the ${thread} thread on ${target}`;
}

/** Everything in the data directory, the boot directories, the bucket parameter and the given settings. */
export function watchFor(dataDir: string, settings: readonly string[]): Watch {
  const files = new Set([
    '/sys/module/nf_conntrack/parameters/hashsize',
    ...settings.map((name) => `/proc/sys/net/netfilter/nf_conntrack_${name}`),
  ]);
  const directories = [dataDir, ...BOOT_DIRECTORIES];
  return (path) => files.has(path) || directories.some((directory) => path === directory || path.startsWith(`${directory}/`));
}

const ENTRY = /^(?:(\d+) +)?(\w+)\((.*)$/;
const PATH = /"([^"]*)"|\d<([^>]*)>/g;
/** In the directory in which a new database is created. */
const RANDOM_PART = /(?<=\.new-)\w{6}/;
const REPLACED = '*';

export function isRandom({ target }: Call): boolean {
  return target.includes(REPLACED);
}

/** The calls on watched paths in the output of `strace -y`, in the order in which they started. `threadOf` maps the relevant threads. */
export function parseCalls(log: string, watch: Watch, threadOf: (tid: number) => Thread | undefined): Call[] {
  const counts = new Map<string, number>();
  const count = (key: string): number => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key) ?? 1;
  };
  return log.split('\n').flatMap((line): Call[] => {
    const [, tid = '0', syscall, rest] = ENTRY.exec(line) ?? [];
    const thread = threadOf(Number(tid));
    if (syscall === undefined || rest === undefined || thread === undefined) return [];
    const amongAll = count(`${thread} ${syscall}`);
    const path = pathsIn(rest).find(watch);
    if (path === undefined) return [];
    const call = { thread, syscall, target: path.replace(RANDOM_PART, REPLACED), ordinal: amongAll };
    return [isRandom(call) ? call : { ...call, ordinal: count(`${thread} ${syscall} ${path}`) }];
  });
}

function pathsIn(args: string): string[] {
  return [...args.matchAll(PATH)].map((match) => (match[1] ?? match[2] ?? '').replace(/ \(deleted\)$/, ''));
}
