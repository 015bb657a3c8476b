import type { ChangeTally, Journal } from '../../../application/ports/journal.ts';
import type { CountChanges } from '../../../application/change/count-changes.ts';
import { CHANGE_KINDS, OUTCOME_NAMES } from '../../../domain/change.ts';
import { complete, gauge, labelled, type Collected, type Sample } from '../family.ts';
import { UntilJournalChanges } from './until-journal-changes.ts';

const ENDED = OUTCOME_NAMES.filter((name) => name !== 'pending');

export class ChangeCollector {
  private readonly newest: UntilJournalChanges<Date | undefined>;

  constructor(
    journal: Journal,
    private readonly countChanges: CountChanges,
  ) {
    this.newest = new UntilJournalChanges(journal, () => journal.list({}, 1)[0]?.startedAt);
  }

  async collect(): Promise<Collected> {
    const counts = await this.countChanges.run();
    const open = counts.filter(({ outcome }) => outcome === 'pending').reduce((sum, { changes }) => sum + changes, 0);
    const newest = await this.newest.value();
    return complete(
      labelled('counter', 'conntrack_api_changes_total', 'Changes in the journal, by kind and outcome.', ended(counts)),
      gauge('conntrack_api_changes_open', 'Changes without an outcome: in progress, or left open when the service was killed.', open),
      gauge(
        'conntrack_api_last_change_timestamp_seconds',
        'Start of the newest change, as a Unix timestamp. Absent before the first change.',
        newest && newest.getTime() / 1_000,
      ),
    );
  }
}

/** Includes combinations that never happened, as 0: an increase from no series cannot be detected. */
function ended(tallies: readonly ChangeTally[]): readonly Sample[] {
  const counts = new Map(tallies.map(({ kind, outcome, changes }) => [`${kind} ${outcome}`, changes]));
  return CHANGE_KINDS.flatMap((kind) =>
    ENDED.map((outcome) => ({ labels: { kind, outcome }, value: counts.get(`${kind} ${outcome}`) ?? 0 })),
  );
}
