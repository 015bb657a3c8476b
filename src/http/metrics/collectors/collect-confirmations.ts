import type { Clock } from '../../../application/ports/clock.ts';
import type { Journal } from '../../../application/ports/journal.ts';
import type { ClosedChange } from '../../../domain/change.ts';
import { complete, gauge, type Collected } from '../family.ts';
import { UntilJournalChanges } from './until-journal-changes.ts';

export class ConfirmationCollector {
  private readonly awaiting: UntilJournalChanges<readonly ClosedChange[]>;

  constructor(
    journal: Journal,
    private readonly clock: Clock,
  ) {
    this.awaiting = new UntilJournalChanges(journal, () => journal.awaitingConfirmation());
  }

  async collect(): Promise<Collected> {
    const awaiting = await this.awaiting.value();
    const now = this.clock.bootMilliseconds();
    const windows = awaiting.flatMap(({ confirm }) => confirm ?? []);
    // A window that an earlier boot began has another clock; it is closed within a second, and must not show years until then.
    const seconds = windows.map(({ deadline, withinSeconds }) => Math.min(withinSeconds, (deadline.milliseconds - now) / 1_000));
    return complete(
      gauge('conntrack_api_confirmations_pending', 'Changes that are reverted unless somebody confirms them.', awaiting.length),
      gauge(
        'conntrack_api_confirmation_deadline_seconds',
        'Time left until the first of them is reverted; below 0 it is overdue. Absent where nothing waits.',
        seconds.length === 0 ? undefined : Math.min(...seconds),
      ),
    );
  }
}
