import type { Intent, Outcome } from '../../src/domain/change.ts';
import { openDatabase } from '../../src/journal/open-database.ts';
import { SqliteJournal } from '../../src/journal/record/sqlite-journal.ts';

export const CHANGES = 100_000;
/** Changes per transaction. Writing is not measured. */
const CHANGES_PER_TRANSACTION = 10_000;

const OUTCOMES = ['applied', 'applied', 'applied', 'adjusted', 'recovered-applied', 'diverged'] as const;
const KINDS = ['change', 'change', 'drift', 'rollback'] as const;
const SETTINGS = ['max', 'buckets', 'udp_timeout', 'tcp_timeout_established'];

/** Records closed changes of several kinds and outcomes, as in a journal of many years. */
export function recordChanges(dataDir: string, changes = CHANGES): void {
  const database = openDatabase(dataDir);
  const journal = new SqliteJournal(database);
  for (let first = 0; first < changes; first += CHANGES_PER_TRANSACTION) {
    database.write(() => {
      for (let index = first; index < Math.min(first + CHANGES_PER_TRANSACTION, changes); index += 1)
        journal.close(journal.open(intentOf(index)), outcomeOf(index));
    });
  }
  database.close();
}

function intentOf(index: number): Intent {
  const kind = KINDS[index % KINDS.length] ?? 'change';
  return {
    kind,
    startedAt: new Date(Date.UTC(2026, 0, 1) + index * 1_000),
    bootId: '11111111-2222-3333-4444-555555555555',
    actor: { tokenId: 'a1b2c3d4e5f6', name: 'bench', peer: '127.0.0.1' },
    requestId: `bench-${String(index)}`,
    reason: 'a reason of typical length, as an operator writes it',
    rollbackOf: kind === 'rollback' ? index : null,
    relatesTo: null,
    confirm: null,
    idempotency: null,
    acknowledged: [],
    settings: [{ name: SETTINGS[index % SETTINGS.length] ?? 'max', before: 65_536 + index, requested: 65_537 + index }],
    files: [],
  };
}

function outcomeOf(index: number): Outcome {
  const observed = { settings: { [SETTINGS[index % SETTINGS.length] ?? 'max']: 65_537 + index }, files: {} };
  return { outcome: OUTCOMES[index % OUTCOMES.length] ?? 'applied', completedAt: new Date(Date.UTC(2026, 0, 1) + index * 1_000), observed };
}
