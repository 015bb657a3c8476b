import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DATABASE_FILE } from '../../../src/journal/file/database.ts';
import { openStorage, type Storage } from '../../../src/journal/storage.ts';
import { intent } from '../../support/intent.ts';
import { SettableClock } from './settable-clock.ts';
import { temporaryDirectory } from './support.ts';

let dataDir: string;
let clock: SettableClock;
let secret: string;
let path: string;

const open = (): Storage => openStorage(dataDir, clock, () => undefined);

beforeEach(() => {
  dataDir = temporaryDirectory();
  path = join(dataDir, DATABASE_FILE);
  clock = new SettableClock('2026-01-01T00:00:00.000Z');
  const storage = open();
  storage.journal.open(intent());
  secret = storage.tokens.create('night-shift', ['table:read'], null).secret;
  storage.close();
});

describe('a data directory whose journal cannot be used', () => {
  it('is opened anyway: every use of the journal reports the reason, and nothing is recreated', () => {
    writeFileSync(path, 'no database at all, and long enough to be taken for one'.repeat(20));
    const damaged = readFileSync(path);
    const storage = open();
    expect(() => storage.journal.pending()).toThrow(expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }));
    expect(() => storage.journal.open(intent())).toThrow(expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }));
    expect(() => storage.tokens.authenticate(secret)).toThrow(expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }));
    clock.set('2026-01-01T00:02:00.000Z');
    expect(() => storage.journal.head()).toThrow(expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }));
    expect(readFileSync(path)).toEqual(damaged);
    storage.close();
  });

  it('is used again automatically once it can be, but not before the retry interval has passed', () => {
    const aside = `${path}.aside`;
    renameSync(path, aside);
    writeFileSync(path, 'x');
    const storage = open();
    renameSync(aside, path);
    clock.set('2026-01-01T00:00:00.999Z');
    expect(() => storage.journal.pending()).toThrow(expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }));
    clock.set('2026-01-01T00:00:01.000Z');
    expect(storage.journal.pending()).toHaveLength(1);
    expect(storage.tokens.authenticate(secret).name).toBe('night-shift');
    storage.close();
  });
});
