import SqliteDatabase, { type Database } from 'better-sqlite3';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { migrate } from '../../../src/journal/file/migrate.ts';
import { refusal, temporaryDirectory } from './support.ts';

const ONE = 'CREATE TABLE one (a TEXT) STRICT;\nINSERT INTO one VALUES (1);';
const TWO = 'CREATE TABLE two (a TEXT) STRICT;';

interface Fixture {
  readonly database: Database;
  readonly directory: string;
  readonly run: () => void;
}

function fixture(): Fixture {
  const directory = temporaryDirectory();
  const database = new SqliteDatabase(join(temporaryDirectory(), 'database'));
  onTestFinished(() => {
    database.close();
  });
  writeFileSync(join(directory, '0001_one.sql'), ONE);
  const run = (): void => {
    migrate(database, pathToFileURL(`${directory}/`));
  };
  return { database, directory, run };
}

const tables = (database: Database): unknown[] =>
  database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migration' ORDER BY name").pluck().all();

describe('migrate', () => {
  it('applies each migration once, including those of a later version', () => {
    const { database, directory, run } = fixture();
    run();
    run();
    writeFileSync(join(directory, '0002_two.sql'), TWO);
    run();
    expect(tables(database)).toEqual(['one', 'two']);
    expect(database.prepare('SELECT count(*) FROM one').pluck().get()).toBe(1);
  });

  it('refuses an edited migration, and applies none', () => {
    const { database, directory, run } = fixture();
    run();
    writeFileSync(join(directory, '0001_one.sql'), `${ONE}\n`);
    writeFileSync(join(directory, '0002_two.sql'), TWO);
    expect(refusal(run).message).toMatch(/migration 0001_one.sql was applied with SHA-256 [0-9a-f]{64}, and 0001_one.sql here has/);
    expect(tables(database)).toEqual(['one']);
  });

  it('refuses a renamed migration', () => {
    const { directory, run } = fixture();
    run();
    renameSync(join(directory, '0001_one.sql'), join(directory, '0001_uno.sql'));
    expect(refusal(run).message).toContain('0001_uno.sql here');
  });

  it('refuses a missing migration', () => {
    const { directory, run } = fixture();
    writeFileSync(join(directory, '0002_two.sql'), TWO);
    run();
    rmSync(join(directory, '0001_one.sql'));
    expect(refusal(run).message).toContain('expected a migration numbered 1, found 0002_two.sql');
  });

  it('refuses a database that a newer version migrated', () => {
    const { directory, run } = fixture();
    writeFileSync(join(directory, '0002_two.sql'), TWO);
    run();
    rmSync(join(directory, '0002_two.sql'));
    const error = refusal(run);
    expect(error.message).toContain('migration 0002_two.sql was applied to it and is not part of this version');
    expect(error.details.remedy).toContain('newer version');
  });

  it('applies a migration completely or not at all', () => {
    const { database, directory, run } = fixture();
    writeFileSync(join(directory, '0002_two.sql'), `${TWO}\nCREATE TABLE one (again TEXT);`);
    expect(run).toThrow('already exists');
    expect(tables(database)).toEqual(['one']);
    writeFileSync(join(directory, '0002_two.sql'), TWO);
    run();
    expect(tables(database)).toEqual(['one', 'two']);
  });
});
