import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalHead } from '../application/ports/journal.ts';
import { journalRefused, journalUnavailable } from './file/journal-error.ts';
import { StoredObject } from './record/stored-object.ts';

/** What the first record of a new journal says of the one before; noted in a file until that record is durable. */
export interface Renewal {
  /** Name in the data directory. */
  readonly previousFile: string;
  /** `null`: it could not be read. */
  readonly previousHead: JournalHead | null;
  /** Why the one before could not be used. */
  readonly reason: string;
}

const noteIn = (dataDir: string): string => join(dataDir, 'journal-renewal.json');

/** Without this a start between moving the old journal and making the new one would begin an empty one silently. */
export function refuseHalfRenewed(dataDir: string): void {
  if (existsSync(noteIn(dataDir))) {
    throw journalRefused(dataDir, 'its renewal was interrupted', 'Run "conntrack-api journal renew" again: it goes on where it stopped.');
  }
}

/** The renewal that was interrupted, if one was. */
export function interruptedRenewal(dataDir: string): Renewal | undefined {
  const path = noteIn(dataDir);
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

/** Durable when it returns. */
export function noteRenewal(dataDir: string, renewal: Renewal): void {
  const path = noteIn(dataDir);
  writeFileSync(`${path}.new`, `${JSON.stringify(renewal)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  syncDirectory(dataDir);
}

export function endRenewal(dataDir: string): void {
  syncDirectory(dataDir);
  rmSync(noteIn(dataDir));
  syncDirectory(dataDir);
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
