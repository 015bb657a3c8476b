import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalHead } from '../application/ports/journal.ts';
import { journalRefused, journalUnavailable } from './file/journal-error.ts';
import { syncDirectory } from './file/sync-directory.ts';
import { StoredObject } from './record/stored-object.ts';

/** The content of the first record of a new journal, about the journal before it. Kept in a file until that record is durable. */
export interface Renewal {
  /** File name in the data directory. */
  readonly previousFile: string;
  /** `null` if it could not be read. */
  readonly previousHead: JournalHead | null;
  /** Why the previous journal could not be used. */
  readonly reason: string;
}

const renewalFile = (dataDir: string): string => join(dataDir, 'journal-renewal.json');

/** Otherwise a service that starts between renaming the old journal and creating the new one would silently create an empty one. */
export function refuseHalfRenewed(dataDir: string): void {
  if (existsSync(renewalFile(dataDir))) {
    throw journalRefused(dataDir, 'its renewal was interrupted', 'Run "conntrack-api journal renew" again. It continues where it stopped.');
  }
}

/** The renewal that was interrupted, if any. */
export function interruptedRenewal(dataDir: string): Renewal | undefined {
  const path = renewalFile(dataDir);
  if (!existsSync(path)) return undefined;
  try {
    const stored = new StoredObject(JSON.parse(readFileSync(path, 'utf8')));
    const head = stored.objectOrNull('previousHead');
    return {
      previousFile: stored.text('previousFile'),
      previousHead: head && { sequence: head.integer('sequence'), hash: head.text('hash') },
      reason: stored.text('reason'),
    };
  } catch (error) {
    throw journalUnavailable(path, error);
  }
}

/** The file is durable on return. */
export function saveRenewal(dataDir: string, renewal: Renewal): void {
  const path = renewalFile(dataDir);
  writeFileSync(`${path}.new`, `${JSON.stringify(renewal)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  syncDirectory(dataDir);
}

export function endRenewal(dataDir: string): void {
  syncDirectory(dataDir);
  rmSync(renewalFile(dataDir));
  syncDirectory(dataDir);
}
