import { statfsSync } from 'node:fs';
import type { Intent } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { KEPT_ENTRIES_MAX } from '../../domain/deletion.ts';
import { journalUnavailable } from './journal-error.ts';

/** For the pages of tables and indexes that two records change, in the write-ahead log and in the file. */
const LEAST_BYTES = 1024 * 1024;

/** For one deleted entry in an outcome; few entries take more. */
const ENTRY_BYTES = 1024;

/**
 * The estimated size of the outcome of an intent of `intentBytes`: both contain the files, and the outcome contains the deleted entries. Of updated
 * entries, it contains less than the intent.
 */
export function outcomeBytes(intentBytes: number, { deletion }: Intent): number {
  if (!deletion) return intentBytes;
  return intentBytes + ENTRY_BYTES * Math.min(KEPT_ENTRIES_MAX, deletion.matched ?? 1);
}

/**
 * The bytes available to an unprivileged user on the file system of `directory`.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` if this cannot be determined
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
 * Refuses an intent if its outcome might not fit on the disk, because the host is changed before the outcome is recorded. Each record is
 * written twice: to the write-ahead log and from there to the file.
 *
 * @param contentBytes of intent and outcome together
 * @throws ConntrackError `JOURNAL_UNAVAILABLE`
 */
export function requireFreeSpace(directory: string, contentBytes: number, free: number): void {
  const needed = LEAST_BYTES + 2 * contentBytes;
  if (free >= needed) return;
  throw new ConntrackError(
    'JOURNAL_UNAVAILABLE',
    `${directory} has not enough free space for a change and its outcome: expected ${needed} bytes, found ${free}. Nothing was changed.`,
    { errno: 'ENOSPC', remedy: 'Free space on its file system.' },
  );
}
