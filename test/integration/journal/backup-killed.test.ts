import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalHead } from '../../../src/application/ports/journal.ts';
import { THIS_SERVICE } from '../../../src/application/ports/tokens.ts';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { backUpJournal } from '../../../src/journal/backup-journal.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { openDatabaseReadOnly } from '../../../src/journal/read-only.ts';
import { exportRecords, head, verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { restoreJournal } from '../../../src/journal/restore-journal.ts';
import { intent } from '../../support/intent.ts';
import { applied } from './changes.ts';
import { databasePath, startChild, temporaryDirectory } from './support.ts';

/** The head of the journal or copy at `path`, which must be intact. */
function intactHead(path: string): JournalHead {
  const database = openDatabaseReadOnly(path);
  try {
    expect(verifyChain(database).broken).toBeUndefined();
    return head(database);
  } finally {
    database.close();
  }
}

/** A data directory whose journal has three changes, of which the first two are in `backup`. */
function origin() {
  const dataDir = temporaryDirectory();
  const backup = join(temporaryDirectory(), 'backup');
  const database = openDatabase(dataDir);
  const journal = new SqliteJournal(database);
  const change = (): void => {
    journal.close(journal.open(intent()), applied());
  };
  change();
  change();
  const { head: backedUp } = backUpJournal({ dataDir, to: backup });
  change();
  const present = journal.head();
  // Not closed: the last change is in the -wal file.
  const copy = (): string => {
    const other = temporaryDirectory();
    for (const suffix of ['', '-wal']) cpSync(databasePath(dataDir) + suffix, databasePath(other) + suffix);
    return other;
  };
  return {
    backup,
    backedUp,
    present,
    copy,
    close: () => {
      database.close();
    },
  };
}

/** Each of the last 25 steps, which change what others see; of those before, every fifth, or each with BACKUP_KILLS=all. */
async function stepsOf(command: string, dataDir: string, file: string): Promise<readonly number[]> {
  const steps = Number((await startChild('backup-killed', [command, dataDir, file]).lines.next()).value);
  expect(steps).toBeGreaterThan(8);
  const all = Array.from({ length: steps }, (_, index) => index + 1);
  return all.filter((step) => step > steps - 25 || step % 5 === 1 || process.env['BACKUP_KILLS'] === 'all');
}

describe('journal backup, killed at every step', () => {
  it('leaves no file under the name of the backup, or a complete one, and the journal as it was', { timeout: 600_000 }, async () => {
    const { copy, present, close } = origin();
    const states = new Set<boolean>();
    const steps = await stepsOf('backup', copy(), join(temporaryDirectory(), 'b'));
    for (const killAt of steps) {
      const [dataDir, file] = [copy(), join(temporaryDirectory(), 'b')];
      expect(await startChild('backup-killed', ['backup', dataDir, file, String(killAt)]).exited).toEqual({ code: null, errors: '' });
      states.add(existsSync(file));
      if (existsSync(file)) expect(intactHead(file)).toEqual(present);
      expect(intactHead(dataDir)).toEqual(present);
    }
    expect([...states].sort()).toEqual([false, true]);
    close();
  });
});

describe('journal restore, killed at every step', () => {
  it('leaves the present journal in use, or refuses other uses until it is run again', { timeout: 600_000 }, async () => {
    const { copy, present, backup, backedUp, close } = origin();
    const states = new Set<string>();
    const steps = await stepsOf('restore', copy(), backup);
    for (const killAt of steps) {
      const dataDir = copy();
      expect(await startChild('backup-killed', ['restore', dataDir, backup, String(killAt)]).exited).toEqual({ code: null, errors: '' });
      const state = stateOf(dataDir, present);
      states.add(state);
      if (state !== 'restored') {
        await restoreJournal({ dataDir, file: backup, by: THIS_SERVICE, now: new Date(), confirm: () => Promise.resolve(true) });
      }
      const restored = openDatabase(dataDir);
      expect({ killAt, broken: verifyChain(restored).broken }).toEqual({ killAt, broken: undefined });
      expect(lastRecord(restored)).toMatchObject({ restored: backedUp, replaced: present });
      restored.close();
      const aside = readdirSync(dataDir).filter((name) => /\.aside-[^-]*-[^-]*-[^-]*Z$/.test(name));
      expect(aside.map((name) => intactHead(join(dataDir, name)))).toEqual([present]);
      expect(readdirSync(dataDir).filter((name) => /restor/.test(name))).toEqual([]);
    }
    expect([...states].sort()).toEqual(['interrupted', 'present', 'restored']);
    close();
  });
});

function lastRecord(database: Parameters<typeof exportRecords>[0]): unknown {
  const record = JSON.parse([...exportRecords(database)].at(-1) ?? '{}') as { kind: string; content: string };
  expect(record.kind).toBe('restore');
  return JSON.parse(record.content);
}

/** As the next process finds it. */
function stateOf(dataDir: string, present: JournalHead): string {
  try {
    const database = openDatabase(dataDir);
    try {
      return head(database).hash === present.hash ? 'present' : 'restored';
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof ConntrackError && error.message.includes('its restore was interrupted')) return 'interrupted';
    throw error;
  }
}
