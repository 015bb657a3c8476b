import SqliteDatabase from 'better-sqlite3';
import { join } from 'node:path';
import { expect } from 'vitest';
import { THIS_SERVICE } from '../../../src/application/ports/tokens.ts';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { backUpJournal } from '../../../src/journal/backup-journal.ts';
import { DATABASE_FILE } from '../../../src/journal/file/database.ts';
import { openDatabaseReadOnly } from '../../../src/journal/read-only.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { restoreJournal, type RestorePreview } from '../../../src/journal/restore-journal.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { intent } from '../../support/intent.ts';
import { applied } from './changes.ts';
import { SettableClock } from './settable-clock.ts';
import { openJournalDatabase, temporaryDirectory } from './support.ts';

export const NOW = new Date('2026-03-01T00:00:00.000Z');
export const FORMER = join(import.meta.dirname, '../../fixtures/journal-56e428d/data', DATABASE_FILE);
export const MAIN = join(import.meta.dirname, '../../../src/main.ts');

export function fixture(dataDir = temporaryDirectory()) {
  const database = openJournalDatabase(dataDir);
  const journal = new SqliteJournal(database);
  const tokens = new SqliteTokens(database, new SettableClock(NOW.toISOString()));
  const changes = (count: number): void => {
    for (let done = 0; done < count; done++) journal.close(journal.open(intent()), applied());
  };
  const file = join(temporaryDirectory(), 'backup');
  const backUp = (to = file, force = false) => backUpJournal({ dataDir, to, force });
  return { dataDir, database, journal, tokens, changes, file, backUp };
}

/** Restores and returns what was asked. */
export async function restore(dataDir: string, file: string, answer = true): Promise<RestorePreview | undefined> {
  let preview: RestorePreview | undefined;
  const confirm = (asked: RestorePreview): Promise<boolean> => {
    preview = asked;
    return Promise.resolve(answer);
  };
  const restored = await restoreJournal({ dataDir, file, by: THIS_SERVICE, now: NOW, confirm });
  expect(restored !== undefined).toBe(answer);
  return preview;
}

export async function restoreRefusal(dataDir: string, file: string): Promise<ConntrackError> {
  return restore(dataDir, file).then(
    () => expect.unreachable('the restore succeeded'),
    (error: unknown) => (error instanceof ConntrackError ? error : expect.unreachable(String(error))),
  );
}

export function recordsIn(path: string): readonly string[] {
  const database = openDatabaseReadOnly(path);
  try {
    expect(verifyChain(database)).not.toHaveProperty('broken');
    expect(verifyChain(database)).not.toHaveProperty('alteredTokens');
    return [...exportRecords(database)];
  } finally {
    database.close();
  }
}
/** Changes a copy without this product. */
export function alter(file: string, statement: string): void {
  const raw = new SqliteDatabase(file);
  for (const { name } of raw.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
    raw.exec(`DROP TRIGGER ${name}`);
  raw.exec(statement);
  raw.close();
}
