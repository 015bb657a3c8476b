import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { THIS_SERVICE } from '../../../src/application/ports/tokens.ts';
import { archiveJournal } from '../../../src/journal/archive/archive-journal.ts';
import { verifyArchives } from '../../../src/journal/archive/verify-archives.ts';
import type { Database } from '../../../src/journal/file/database.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { SqliteTokens } from '../../../src/journal/tokens/sqlite-tokens.ts';
import { intent } from '../../support/intent.ts';
import { applied } from './changes.ts';
import { SettableClock } from './settable-clock.ts';
import { connectionOf, databasePath, openJournalDatabase, startChild, temporaryDirectory } from './support.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');

function exported(database: Database): string {
  return [...exportRecords(database)].map((line) => `${line}\n`).join('');
}

describe('journal archive, killed at every step', () => {
  it('loses nothing, leaves a journal that verifies, and is completed by running it again', { timeout: 600_000 }, async () => {
    const originDir = temporaryDirectory();
    const origin = openJournalDatabase(originDir);
    new SqliteTokens(origin, new SettableClock(NOW.toISOString())).create('a', ['table:read'], null);
    const journal = new SqliteJournal(origin);
    origin.write(() => {
      for (let change = 0; change < 150; change++) journal.close(journal.open(intent()), applied());
    });
    const whole = exported(origin);
    connectionOf(origin).pragma('wal_checkpoint(TRUNCATE)');
    const copy = (): string => {
      const dataDir = temporaryDirectory();
      cpSync(databasePath(originDir), databasePath(dataDir));
      return dataDir;
    };
    const undisturbed = startChild('archive-killed', [copy()]);
    const steps = Number((await undisturbed.lines.next()).value);
    expect(steps).toBeGreaterThan(12);
    const states = new Set<string>();
    for (let killAt = 1; killAt <= steps; killAt++) {
      const dataDir = copy();
      expect(await startChild('archive-killed', [dataDir, String(killAt)]).exited).toEqual({ code: null, errors: '' });
      const file = join(dataDir, 'a.ndjson');
      const database = openJournalDatabase(dataDir);
      const { broken, archived } = verifyChain(database);
      expect({ killAt, broken }).toEqual({ killAt, broken: undefined });
      expect((archived ? readFileSync(file, 'utf8') : '') + exported(database)).toContain(whole);
      states.add(`${archived ? 'recorded' : 'not recorded'}, ${existsSync(file) ? 'file' : 'no file'}`);

      archiveJournal(database, { to: file, keep: 3, by: THIS_SERVICE, now: NOW });
      expect(verifyArchives(database, [file])).toEqual({ records: 295, hasAnchor: false });
      expect(verifyChain(database)).toMatchObject({ records: 8 });
      expect(connectionOf(database).prepare('SELECT count(*) FROM record').pluck().get()).toBe(8);
      expect(readFileSync(file, 'utf8') + exported(database)).toContain(whole);
    }
    expect([...states].sort()).toEqual(['not recorded, file', 'not recorded, no file', 'recorded, file']);
  });
});
