import { Injectable } from '@nestjs/common';
import type { ClosedChange, Intent, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { Journal } from '../ports/journal.ts';
import { Recover } from './recover.ts';

interface UnrecordedOutcome {
  readonly id: number;
  readonly outcome: Outcome;
}

/** Records intents and outcomes. An outcome that the journal does not take is kept in memory until the journal takes it. */
@Injectable()
export class ChangeRecords {
  private unrecorded: UnrecordedOutcome | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly recover: Recover,
  ) {}

  /**
   * The intent is durable when this returns. If the commit fails, it is unknown whether the intent is durable, so the next recovery checks.
   *
   * @returns the id of the change
   */
  open(intent: Intent): number {
    try {
      return this.journal.open(intent);
    } catch (error) {
      this.recover.markUnsettled();
      throw error;
    }
  }

  /** @throws ConntrackError `OUTCOME_UNRECORDED`; {@link recordPending} retries */
  close(id: number, outcome: Outcome): ClosedChange {
    try {
      const closed = this.alreadyClosed(id) ?? this.journal.close(id, outcome);
      this.unrecorded = undefined;
      return closed;
    } catch (error) {
      this.unrecorded = { id, outcome };
      throw new ConntrackError(
        'OUTCOME_UNRECORDED',
        `Change ${id} ended as ${outcome.outcome}, but this outcome could not be recorded. Further changes are refused until it is.`,
        { changeId: id, cause: error, remedy: 'Free space in the data directory, or repair it. The service retries recording by itself.' },
      );
    }
  }

  /** Records an outcome that could not be recorded before. @throws ConntrackError `OUTCOME_UNRECORDED` while it still cannot be */
  recordPending(): void {
    if (this.unrecorded) this.close(this.unrecorded.id, this.unrecorded.outcome);
  }

  /**
   * The change was opened and its outcome will never be known here. Recovery settles it by observing the host, before any other change.
   *
   * @returns the error to throw
   */
  abandon(id: number): ConntrackError {
    this.recover.markUnsettled();
    return new ConntrackError(
      'OUTCOME_UNRECORDED',
      `Change ${id} was started and the service lost track of its outcome. Further changes are refused until it is settled.`,
      { changeId: id, remedy: `GET /api/v1/changes/${id} shows what is found on the host. This is a fault of the service: report it.` },
    );
  }

  /** A failed commit means unknown: it may have become durable. */
  private alreadyClosed(id: number): ClosedChange | undefined {
    if (this.unrecorded?.id !== id) return undefined;
    const change = this.journal.get(id);
    return change.outcome === 'pending' ? undefined : change;
  }
}
