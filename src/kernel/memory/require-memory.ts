import { ConntrackError } from '../../domain/conntrack-error.ts';
import { freeBytes, memoryLimits, type MemoryLimit, tightest } from './memory-limits.ts';

const MEBIBYTE = 1_048_576;
/** Left for everything else that the process does. */
const RESERVE_BYTES = 8 * MEBIBYTE;

/** Whether so many more bytes leave the reserve free. */
export function fitsInMemory(bytes: number, limits: readonly MemoryLimit[] = memoryLimits()): boolean {
  const limit = tightest(limits);
  return limit === undefined || bytes + RESERVE_BYTES <= freeBytes(limit);
}

/**
 * @param what needs the memory, for the message
 * @param remedy what the client can request instead
 * @throws ConntrackError `RESOURCES_EXHAUSTED` if that many more bytes do not leave the reserve free
 */
export function requireMemory(what: string, bytes: number, remedy: string, limits: readonly MemoryLimit[] = memoryLimits()): void {
  const limit = tightest(limits);
  if (limit === undefined || fitsInMemory(bytes, limits)) return;
  const needed = `${what} needs ${mebibytes(bytes)}, and ${mebibytes(RESERVE_BYTES)} must stay free`;
  const found = `${limit.name} is ${mebibytes(limit.limitBytes)}, of which ${mebibytes(limit.usedBytes)} are in use`;
  throw new ConntrackError('RESOURCES_EXHAUSTED', `The memory limit is too low: ${needed}. Found: ${found}.`, {
    remedy: `${remedy} Or raise the limit (MemoryMax= of the systemd unit, the memory of the container), or repeat later. No restart is needed.`,
  });
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
