import type { JournalHead } from '../../application/ports/journal.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Database } from '../file/database.ts';
import { lastArchive } from '../record/archive-content.ts';
import { GENESIS } from '../record/record.ts';
import { verifyFile } from './archive-file.ts';

export interface VerifiedArchives {
  readonly records: number;
  /** The first break; absent if the files are one unbroken chain that the database continues. */
  readonly broken?: string;
  /** Whether the anchor is a record of the files. */
  readonly hasAnchor: boolean;
}

/**
 * Verifies archives, oldest first, together with the database that continues them.
 *
 * @throws ConntrackError `INVALID_REQUEST` if nothing was archived; `JOURNAL_UNAVAILABLE` for a file that cannot be read
 */
export function verifyArchives(database: Database, paths: readonly string[], anchor?: JournalHead): VerifiedArchives {
  const archive = database.read(lastArchive);
  if (!archive) throw new ConntrackError('INVALID_REQUEST', `Nothing was archived from the journal ${database.path}.`);
  let last = GENESIS;
  let records = 0;
  const anchors: JournalHead[] = [];
  const checkAnchor = (found: JournalHead): void => {
    if (anchor && isSame(found, anchor)) anchors.push(found);
  };
  const result = (broken?: string): VerifiedArchives => ({
    records,
    hasAnchor: anchors.length > 0,
    ...(broken !== undefined && { broken }),
  });
  for (const path of paths) {
    const file = verifyFile(path, checkAnchor);
    if (!file) return result(`${path}: it does not exist`);
    if (!isSame(file.start, last)) return result(`${path}: ${notFollowing(file.start, last)}`);
    records += file.records;
    last = file.through;
  }
  if (!isSame(last, archive.through)) return result(notFollowing(archive.through, last, 'the database'));
  if (anchor && anchor.sequence <= last.sequence && anchors.length === 0) {
    return result(`the anchor ${anchor.sequence}:${anchor.hash} is not in the archives: the chain was rewritten`);
  }
  return result();
}

function isSame(one: JournalHead, other: JournalHead): boolean {
  return one.sequence === other.sequence && one.hash === other.hash;
}

function notFollowing(found: JournalHead, expected: JournalHead, what = 'it'): string {
  if (found.sequence === expected.sequence) return `${what} follows another record ${found.sequence} than the one before`;
  return `${what} follows record ${found.sequence}, and record ${expected.sequence} is the last before: a file is missing`;
}
