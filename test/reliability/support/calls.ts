import { BOOT_DIRECTORIES } from './host.ts';
import type { Thread } from './service.ts';

/** One system call on a watched path, named so that it can be met again in another run. */
export interface Call {
  readonly thread: Thread;
  readonly syscall: string;
  /** The first watched path among its arguments; a random part is replaced. */
  readonly target: string;
  /**
   * Counts from 1, since the tracer was attached, this thread's calls of that name on the target; where the target has a random part, which
   * a tracer cannot be told, on anything.
   */
  readonly ordinal: number;
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
/** Of a boot file that is being replaced, and of the directory that a new database is made in. */
const RANDOM_PART = /(?<=\.)[0-9a-f]{16}(?=\.tmp)|(?<=\.new-)\w{6}/;
const REPLACED = '*';

export function isRandom({ target }: Call): boolean {
  return target.includes(REPLACED);
}

/** The calls on watched paths in what `strace -y` wrote, in order of their beginnings. `threadOf` knows the threads that count. */
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
