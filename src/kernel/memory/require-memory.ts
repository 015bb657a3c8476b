import { ConntrackError } from '../../domain/conntrack-error.ts';
import { collectGarbage } from './collect-garbage.ts';
import { expectedBytes } from './expected-use.ts';
import { freeBytes, memoryLimits, type MemoryLimit, tightest } from './memory-limits.ts';

export const MEBIBYTE = 1_048_576;
/** Left for everything else that the process does. */
const RESERVE_BYTES = 8 * MEBIBYTE;
/** With less, garbage is collected. A collection itself needs some. */
export const COLLECT_BELOW_BYTES = 20 * MEBIBYTE;

/** Whether so many more bytes leave the reserve free. */
export function fitsInMemory(bytes: number, limits: readonly MemoryLimit[] = memoryLimits()): boolean {
  const limit = tightest(limits);
  return limit === undefined || bytes + expectedBytes() + RESERVE_BYTES <= freeBytes(limit);
}

/** Above this, a measurement is used again for a moment. Not for longer: a limit may be lowered at any time. */
export const PLENTY_BYTES = 64 * MEBIBYTE;
export const REUSED_MILLISECONDS = 50;
let plentyAt = Number.NEGATIVE_INFINITY;

/** Frees the garbage of this thread if little memory is left. To be called by a worker after its work. */
export function relieveMemory(measure: () => readonly MemoryLimit[] = memoryLimits): void {
  if (performance.now() - plentyAt < REUSED_MILLISECONDS) return;
  const limits = measure();
  if (fitsInMemory(PLENTY_BYTES, limits)) plentyAt = performance.now();
  else if (!fitsInMemory(COLLECT_BELOW_BYTES - RESERVE_BYTES, limits)) collectGarbage();
}

/**
 * @param what needs the memory, for the message
 * @param remedy what the client can request instead
 * @throws ConntrackError `RESOURCES_EXHAUSTED` if that many more bytes do not leave the reserve free
 */
export function requireMemory(what: string, bytes: number, remedy: string, limits: readonly MemoryLimit[] = limitsFor(bytes)): void {
  const limit = tightest(limits);
  if (limit !== undefined && !fitsInMemory(bytes, limits)) throw memoryRefusal(what, { bytes, reserve: RESERVE_BYTES, limit, remedy });
}

/** Before something is refused, garbage is collected. */
function limitsFor(bytes: number): readonly MemoryLimit[] {
  const limits = memoryLimits();
  return fitsInMemory(bytes, limits) || !collectGarbage() ? limits : memoryLimits();
}

interface Shortage {
  readonly bytes: number;
  readonly reserve: number;
  readonly limit: MemoryLimit;
  readonly remedy: string;
}

export function memoryRefusal(what: string, { bytes, reserve, limit, remedy }: Shortage): ConntrackError {
  const needed = `${what} needs ${mebibytes(bytes)}, and ${mebibytes(reserve)} must stay free`;
  const found = `${limit.name} is ${mebibytes(limit.limitBytes)}, of which ${mebibytes(limit.usedBytes)} are in use`;
  return new ConntrackError('RESOURCES_EXHAUSTED', `The memory limit is too low: ${needed}. Found: ${found}.`, {
    remedy: `${remedy} Or raise the limit (MemoryMax= of the systemd unit, the memory of the container), or repeat later. No restart is needed.`,
  });
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
