import type { Confirmations } from '../../../application/change/confirmations.ts';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Journal } from '../../../application/ports/journal.ts';
import type { ClosedChange } from '../../../domain/change.ts';
import { complete, gauge, type Collected } from '../family.ts';
import { UntilJournalChanges } from './until-journal-changes.ts';

export class ConfirmationCollector {
  private readonly awaiting: UntilJournalChanges<readonly ClosedChange[]>;

  constructor(
    journal: Journal,
    confirmations: Confirmations,
    private readonly clock: Clock,
  ) {
    this.awaiting = new UntilJournalChanges(journal, () => confirmations.awaiting().map(({ change }) => change));
  }

  async collect(): Promise<Collected> {
    const awaiting = await this.awaiting.value();
    const now = this.clock.bootMilliseconds();
    const windows = awaiting.flatMap(({ confirm }) => confirm ?? []);
    // A window from an earlier boot has another clock. It is closed within a second; until then its value is bounded.
    const seconds = windows.map(({ deadline, withinSeconds }) => Math.min(withinSeconds, (deadline.milliseconds - now) / 1_000));
    return complete(
      gauge(
        'conntrack_api_confirmations_pending',
        'Changes awaiting confirmation. They are rolled back if they are not confirmed.',
        awaiting.length,
      ),
      gauge(
        'conntrack_api_confirmation_deadline_seconds',
        'Seconds until the next unconfirmed change is rolled back. Negative if overdue; absent if no change awaits confirmation.',
        seconds.length === 0 ? undefined : Math.min(...seconds),
      ),
    );
  }
}
