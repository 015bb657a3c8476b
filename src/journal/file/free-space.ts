import { statfsSync } from 'node:fs';
import type { Intent } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { KEPT_ENTRIES_MAX } from '../../domain/deletion.ts';
import { journalUnavailable } from './journal-error.ts';

/** For the pages of tables and indexes that two records touch, in the write-ahead log and in the file. */
const LEAST_BYTES = 1024 * 1024;

/** Of one deleted entry in an outcome: few take more. */
const ENTRY_BYTES = 1024;

/** How long the outcome of an intent of so many bytes may become: both hold the files, and it has the entries that were deleted. */
export function outcomeBytes(intentBytes: number, { deletion }: Intent): number {
  if (!deletion) return intentBytes;
  return intentBytes + ENTRY_BYTES * Math.min(KEPT_ENTRIES_MAX, deletion.matched ?? 1);
}

/**
 * Bytes that an ordinary user may still write to the file system of `directory`.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` where that cannot be told.
 */
export function freeBytes(directory: string): number {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch (error) {
    throw journalUnavailable(directory, error);
  }
}

/**
 * Refuses an intent whose outcome would not fit any more: by then the host has been changed. Each is written twice, to the write-ahead log
 * and from there to the file.
 *
 * @param contentBytes of both together
 * @throws ConntrackError `JOURNAL_UNAVAILABLE`
 */
export function refuseWithoutRoom(directory: string, contentBytes: number, free: number): void {
  const needed = LEAST_BYTES + 2 * contentBytes;
  if (free >= needed) return;
  throw new ConntrackError(
    'JOURNAL_UNAVAILABLE',
    `There is no room for a change and its outcome in ${directory}: ${needed} bytes are needed, ${free} are free. Nothing was changed.`,
    { errno: 'ENOSPC', remedy: 'Free space on its file system.' },
  );
}
