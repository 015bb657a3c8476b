import type { Change, Intent } from '../../domain/change.ts';
import type { ChangeRow } from './change-queries.ts';
import { decodeIntent } from './intent-content.ts';
import { journalRefused } from '../file/journal-error.ts';
import { decodeOutcome } from './outcome-content.ts';

/** @throws ConntrackError `JOURNAL_UNAVAILABLE` with the number of a record that cannot be parsed */
export function storedChange(path: string, row: ChangeRow): Change {
  const intent = storedIntent(path, row);
  const { outcome_sequence: sequence, completed_at: completedAt, outcome } = row;
  if (sequence === null || completedAt === null || outcome === null) return { ...intent, outcome: 'pending' };
  return { ...intent, ...parsed(path, sequence, () => decodeOutcome(outcome, completedAt)) };
}

export function storedIntent(path: string, row: ChangeRow): Intent & { readonly id: number } {
  return { id: row.id, ...parsed(path, row.intent_sequence, () => decodeIntent(row.intent, row.started_at)) };
}

/** @throws ConntrackError `JOURNAL_UNAVAILABLE` with the number of the record if `decode` throws */
export function parsed<T>(path: string, sequence: number, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw journalRefused(
      path,
      `record ${sequence} cannot be parsed: ${error instanceof Error ? error.message : String(error)}`,
      'Run "conntrack-api journal verify" to check whether it was altered. It may also have been written by a newer version.',
    );
  }
}
