import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalHead } from '../application/ports/journal.ts';
import { journalRefused } from './file/journal-error.ts';
import { readPlan, removePlan, savePlan } from './file/plan-file.ts';
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
  return readPlan(renewalFile(dataDir), (plan) => {
    const stored = new StoredObject(plan);
    return {
      previousFile: stored.text('previousFile'),
      previousHead: stored.objectOrNull('previousHead')?.head() ?? null,
      reason: stored.text('reason'),
    };
  });
}

/** The file is durable on return. */
export function saveRenewal(dataDir: string, { previousFile, previousHead, reason }: Renewal): void {
  savePlan(renewalFile(dataDir), { previousFile, previousHead: previousHead && { ...previousHead }, reason });
}

export function endRenewal(dataDir: string): void {
  removePlan(renewalFile(dataDir));
}
