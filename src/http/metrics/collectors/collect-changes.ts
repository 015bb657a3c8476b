import type { Journal } from '../../../application/ports/journal.ts';
import type { ChangeTally, CountChanges } from '../../../application/change/count-changes.ts';
import { CHANGE_KINDS, OUTCOME_NAMES } from '../../../domain/change.ts';
import { complete, gauge, labelled, type Collected, type Sample } from '../family.ts';
import { UntilJournalChanges } from './until-journal-changes.ts';

const ENDED = OUTCOME_NAMES.filter((name) => name !== 'pending');

export class ChangeCollector {
  private readonly newest: UntilJournalChanges<Date | undefined>;

  constructor(
    journal: Journal,
    private readonly tally: CountChanges,
  ) {
    this.newest = new UntilJournalChanges(journal, () => journal.list({}, 1)[0]?.startedAt);
  }

  async collect(): Promise<Collected> {
    const tallies = await this.tally.run();
    const open = tallies.filter(({ outcome }) => outcome === 'pending').reduce((sum, { changes }) => sum + changes, 0);
    const newest = await this.newest.value();
    return complete(
      labelled('counter', 'conntrack_api_changes_total', 'Changes in the journal by what they were and how they ended.', ended(tallies)),
      gauge('conntrack_api_changes_open', 'Changes without an outcome: under way, or not settled since a process died.', open),
      gauge(
        'conntrack_api_last_change_timestamp_seconds',
        'When the newest change began; absent before the first.',
        newest && newest.getTime() / 1_000,
      ),
    );
  }
}

/** Those that never happened too: an increase from nothing cannot be seen. */
function ended(tallies: readonly ChangeTally[]): readonly Sample[] {
  const counts = new Map(tallies.map(({ kind, outcome, changes }) => [`${kind} ${outcome}`, changes]));
  return CHANGE_KINDS.flatMap((kind) =>
    ENDED.map((outcome) => ({ labels: { kind, outcome }, value: counts.get(`${kind} ${outcome}`) ?? 0 })),
  );
}
