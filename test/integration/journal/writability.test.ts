import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { Writability } from '../../../src/journal/file/writability.ts';
import type { Database } from '../../../src/journal/file/database.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';

const PLENTY = 1024 ** 3;

describe('whether the journal accepts a change', () => {
  let directory: string;
  let database: Database;
  let free: number;
  let now: number;
  let writability: Writability;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'conntrack-api-writability-'));
    database = openDatabase(directory);
    free = PLENTY;
    now = 0;
    writability = new Writability(
      database,
      () => free,
      () => now,
    );
  });
  afterEach(async () => {
    database.close();
    await rm(directory, { recursive: true });
  });

  const problem = (): ConntrackError | undefined => {
    try {
      writability.require();
      return undefined;
    } catch (error) {
      return error as ConntrackError;
    }
  };

  it('is refused on a full disk, and again possible within a second after space is free', () => {
    expect(problem()).toBeUndefined();
    free = 4_096;
    now = 1_000;
    expect(problem()).toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
      message: expect.stringContaining(directory) as string,
      details: { errno: 'ENOSPC', remedy: expect.stringContaining('Free space') as string },
    });
    free = PLENTY;
    now = 1_999;
    expect(problem()).toBeDefined();
    now = 2_000;
    expect(problem()).toBeUndefined();
  });

  it('checks the disk once a second however many ask', () => {
    let checks = 0;
    const counted = new Writability(
      database,
      () => (checks++, PLENTY),
      () => now,
    );
    for (let i = 0; i < 100; i++) counted.require();
    expect(checks).toBe(1);
  });

  it('remembers a failed write until one succeeds, or for 5 s', () => {
    const failure = new ConntrackError('JOURNAL_UNAVAILABLE', 'disk I/O error', { errno: 'SQLITE_IOERR' });
    writability.failedWith(failure);
    expect(problem()).toBe(failure);
    writability.succeeded();
    expect(problem()).toBeUndefined();
    writability.failedWith(failure);
    now = 4_999;
    expect(problem()).toBe(failure);
    now = 5_000;
    expect(problem()).toBeUndefined();
  });

  it('is refused when the database file is gone', async () => {
    await rename(database.path, `${database.path}.gone`);
    expect(problem()).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', details: { errno: 'ENOENT' } });
  });

  it('is part of the journal', () => {
    const journal = new SqliteJournal(database, { free: () => 0 });
    expect(() => {
      journal.requireWritable();
    }).toThrow(/not enough free space/);
  });
});
