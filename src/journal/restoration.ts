import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalHead } from '../application/ports/journal.ts';
import { journalRefused } from './file/journal-error.ts';
import { readPlan, removePlan, savePlan } from './file/plan-file.ts';
import { StoredObject } from './record/stored-object.ts';

/** A restored journal that is ready to take the place of the present one. Kept in a file until it has. */
export interface Restoration {
  /** The backup. */
  readonly file: string;
  /** The head of the backup. */
  readonly restored: JournalHead;
  /** The head of the present journal; `null` if there is none or it cannot be read. */
  readonly replaced: JournalHead | null;
  /** The name that the present journal gets in the data directory; `null` if there is none. */
  readonly previousFile: string | null;
  /** The record of the restore. */
  readonly head: JournalHead;
}

const restorationFile = (dataDir: string): string => join(dataDir, 'journal-restore.json');

/** Otherwise a service that starts between renaming the old journal and the restored one would silently create an empty one. */
export function refuseHalfRestored(dataDir: string): void {
  if (existsSync(restorationFile(dataDir))) {
    throw journalRefused(
      dataDir,
      'its restore was interrupted',
      'Run "conntrack-api journal restore" again with the same file. It continues where it stopped.',
    );
  }
}

/** The restore that was interrupted, if any. */
export function interruptedRestoration(dataDir: string): Restoration | undefined {
  return readPlan(restorationFile(dataDir), (plan) => {
    const stored = new StoredObject(plan);
    return {
      file: stored.text('file'),
      restored: stored.object('restored').head(),
      replaced: stored.objectOrNull('replaced')?.head() ?? null,
      previousFile: stored.textOrNull('previousFile'),
      head: stored.object('head').head(),
    };
  });
}

/** The file is durable on return. */
export function saveRestoration(dataDir: string, { file, restored, replaced, previousFile, head }: Restoration): void {
  const heads = { restored: { ...restored }, replaced: replaced && { ...replaced }, head: { ...head } };
  savePlan(restorationFile(dataDir), { file, previousFile, ...heads });
}

export function endRestoration(dataDir: string): void {
  removePlan(restorationFile(dataDir));
}
