import koffi from 'koffi';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A collection takes up to 0.1 s. It is not worth that before the process has grown by so much. */
const WORTH_BYTES = 1_048_576;

/** Returns free memory of all threads to the system. musl does so by itself. */
const trim = optional(() => koffi.load(null).func('int malloc_trim(size_t pad)'));

let collect: (() => void) | undefined;
let residentAfter = 0;
let mayCompact = true;

/**
 * Collects all garbage of this thread, and returns free memory to the system: V8 takes a multiple of what is in use before it collects, whatever
 * the limit is. What is free already is returned first, because the threads that collect need memory, too.
 *
 * @returns false if nothing was done: the process has hardly grown since the last collection
 */
export function collectGarbage(): boolean {
  if (process.memoryUsage.rss() - residentAfter < WORTH_BYTES) return false;
  collect ??= collector();
  trim?.(0);
  collect();
  trim?.(0);
  residentAfter = process.memoryUsage.rss();
  return true;
}

/** Whether the collections of all threads compact, which needs additional memory at first. */
export function allowCompaction(isAllowed: boolean): void {
  if (isAllowed === mayCompact) return;
  mayCompact = isAllowed;
  setFlagsFromString(isAllowed ? '--compact' : '--no-compact');
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function optional<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
