/**
 * Measures the cost of durability: the latency of recording a change (intent and outcome) compared with a bare write + fdatasync in the same
 * directory, and the number of syncs per change, counted with strace: `npm run bench:commit [-- DIRECTORY]`.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Intent } from '../src/domain/change.ts';
import { openDatabase } from '../src/journal/open-database.ts';
import { SqliteJournal } from '../src/journal/record/sqlite-journal.ts';

const CHANGES = 2_000;
const TRACED_CHANGES = 100;
const PAGE = Buffer.alloc(4_096, 1);

const intent: Intent = {
  kind: 'change',
  startedAt: new Date(),
  bootId: '11111111-2222-3333-4444-555555555555',
  actor: { tokenId: 'a1b2c3d4e5f6', name: 'bench', peer: '127.0.0.1' },
  requestId: 'bench',
  reason: null,
  rollbackOf: null,
  relatesTo: null,
  confirm: null,
  idempotency: null,
  acknowledged: [],
  settings: [{ name: 'max', before: 65_536, requested: 131_072 }],
  files: [],
};

function record(directory: string, changes: number): number[] {
  const database = openDatabase(directory);
  const journal = new SqliteJournal(database);
  const milliseconds = times(changes, () => {
    const id = journal.open(intent);
    journal.close(id, { outcome: 'applied', completedAt: new Date(), observed: { settings: { max: 131_072 }, files: {} } });
  });
  database.close();
  return milliseconds;
}

function bareSyncs(directory: string): number[] {
  const file = openSync(join(directory, 'bare'), 'w');
  const milliseconds = times(CHANGES, () => {
    writeSync(file, PAGE, 0, PAGE.length, 0);
    fdatasyncSync(file);
  });
  closeSync(file);
  return milliseconds;
}

function times(count: number, action: () => void): number[] {
  return Array.from({ length: count }, () => {
    const start = process.hrtime.bigint();
    action();
    return Number(process.hrtime.bigint() - start) / 1e6;
  }).sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
const percentiles = (sorted: readonly number[]): string => `p50 ${at(sorted, 0.5).toFixed(3)} ms, p99 ${at(sorted, 0.99).toFixed(3)} ms`;

/** Traces a run without changes too, and subtracts the syncs of opening and closing the journal. */
function syncsPerChange(directory: string): number {
  const trace = (changes: number): number => {
    const log = join(directory, `strace-${String(changes)}`);
    const place = join(directory, `traced-${String(changes)}`);
    execFileSync('strace', [
      '-f',
      '-o',
      log,
      '-e',
      'trace=fsync,fdatasync',
      process.execPath,
      import.meta.filename,
      '--record',
      place,
      String(changes),
    ]);
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => / f(data)?sync\(/.test(line)).length;
  };
  return (trace(TRACED_CHANGES) - trace(0)) / TRACED_CHANGES;
}

const [mode, place = '', changes = ''] = process.argv.slice(2);
if (mode === '--record') {
  record(place, Number(changes));
} else {
  const directory = mkdtempSync(join(mode ?? tmpdir(), 'conntrack-api-bench-'));
  try {
    const bare = bareSyncs(directory);
    const recorded = record(join(directory, 'data'), CHANGES);
    console.log(`bare write + fdatasync: ${percentiles(bare)}`);
    console.log(`recording a change (two commits): ${percentiles(recorded)}, ${(at(recorded, 0.5) / at(bare, 0.5)).toFixed(2)} x bare`);
    console.log(`syncs per change: ${syncsPerChange(directory).toFixed(2)}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
