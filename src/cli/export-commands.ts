import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JournalHead } from '../application/ports/journal.ts';
import type { Database } from '../journal/file/database.ts';
import { journalRefused } from '../journal/file/journal-error.ts';
import { readPlan, savePlan } from '../journal/file/plan-file.ts';
import { openDatabaseReadOnly, openDatabaseToFollow } from '../journal/read-only.ts';
import { RecordReader } from '../journal/record/record-reader.ts';
import { StoredObject } from '../journal/record/stored-object.ts';
import type { FollowFlags } from './command-flags.ts';

const POLL_MILLISECONDS = 500;

export async function exportJournal({ dataDir, file, after, follow, state }: FollowFlags): Promise<void> {
  const database = follow ? openDatabaseToFollow(dataDir) : openDatabaseReadOnly(file ?? dataDir);
  try {
    const requireSame = requiringSameFile(database);
    const reader = new RecordReader(database, after ?? (state === undefined ? undefined : readState(resolve(state))));
    for (;;) {
      const lines = reader.next();
      if (lines.length > 0) await print(lines, state);
      else if (!follow) return;
      else await sleep(POLL_MILLISECONDS).then(requireSame);
    }
  } finally {
    database.close();
  }
}

/** The state follows the records: after a kill, some are printed again, and none is missing. */
async function print(lines: readonly string[], state: string | undefined): Promise<void> {
  await written(lines.map((line) => `${line}\n`).join(''));
  if (state !== undefined) savePlan(resolve(state), { ...new StoredObject(JSON.parse(lines.at(-1) ?? '')).head() });
}

function readState(path: string): JournalHead | undefined {
  return readPlan(path, (stored) => new StoredObject(stored).head());
}

/** @throws Error if the reader has gone */
function written(text: string): Promise<void> {
  return new Promise((settle, fail) => {
    process.stdout.once('error', fail);
    process.stdout.write(text, (error) => {
      // After a failed write, the error is emitted, too.
      if (error) return;
      process.stdout.off('error', fail);
      settle();
    });
  });
}

/** `journal renew` and `journal restore` put another file in its place: this one is not written any more. */
function requiringSameFile({ path }: Database): () => void {
  const { ino } = statSync(path);
  return () => {
    if (statSync(path, { throwIfNoEntry: false })?.ino === ino) return;
    throw journalRefused(path, 'it was replaced by another file while it was followed', 'Start the command again.');
  };
}
