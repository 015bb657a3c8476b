import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { exportRecords, verifyChain } from '../../../src/journal/record/chain.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { applied } from './changes.ts';
import { intent } from '../../support/intent.ts';
import { databasePath, temporaryDirectory } from './support.ts';

const CHANGES = 150;

/** A closed journal of 300 records, and its exported lines. */
function soundJournal(): { readonly bytes: Buffer; readonly lines: readonly string[] } {
  const dataDir = temporaryDirectory();
  const database = openDatabase(dataDir);
  const journal = new SqliteJournal(database);
  database.write(() => {
    for (let id = 1; id <= CHANGES; id++) journal.close(journal.open(intent({ requestId: `req-${id}` })), applied());
  });
  const lines = [...exportRecords(database)];
  database.close();
  return { bytes: readFileSync(databasePath(dataDir)), lines };
}

/** The records in a file with these bytes, or the error. */
function recordsIn(dataDir: string, bytes: Buffer): readonly string[] | 'refused' {
  writeFileSync(databasePath(dataDir), bytes);
  try {
    const database = openDatabase(dataDir);
    try {
      return verifyChain(database).broken ? 'refused' : [...exportRecords(database)];
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof ConntrackError && error.code === 'JOURNAL_UNAVAILABLE') return 'refused';
    throw error;
  }
}

describe('a damaged file', () => {
  it('with flipped bytes returns the recorded changes or is refused', () => {
    const { bytes, lines } = soundJournal();
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(bytes);
        damaged.writeUInt8(damaged.readUInt8(at) ^ flip, at);
        const found = recordsIn(temporaryDirectory(), damaged);
        if (found === 'refused') refused++;
        else expect(found).toEqual(lines);
      }),
      { numRuns: 100 },
    );
    expect(refused).toBeGreaterThan(10);
  });

  it('that was truncated is refused and not changed', () => {
    const { bytes } = soundJournal();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        const dataDir = temporaryDirectory();
        const cut = bytes.subarray(0, length);
        expect(recordsIn(dataDir, cut)).toBe('refused');
        expect(readFileSync(databasePath(dataDir)).length).toBe(length);
      }),
      { numRuns: 25 },
    );
  });
});
