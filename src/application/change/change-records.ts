import { Injectable } from '@nestjs/common';
import type { ClosedChange, Intent, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { Journal } from '../ports/journal.ts';
import { retryWhileLocked } from '../retry-while-locked.ts';
import { Recover } from './recover.ts';

/** Short, because the live values that an intent names may change meanwhile. The gate has waited before they were read. */
const OPEN_MILLISECONDS = 500;

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

  /** Whether no change is known whose outcome is not recorded, except for those being made. */
  get areSettled(): boolean {
    return this.unrecorded === undefined && this.recover.isSettled;
  }

  /**
   * The intent is durable when this returns. If the commit fails, it is unknown whether the intent is durable, so the next recovery checks.
   *
   * @returns the id of the change
   */
  async open(intent: Intent): Promise<number> {
    try {
      return await retryWhileLocked(() => this.journal.open(intent), OPEN_MILLISECONDS);
    } catch (error) {
      this.recover.markUnsettled();
      throw error;
    }
  }

  /** @throws ConntrackError `OUTCOME_UNRECORDED`; {@link recordPending} retries */
  async close(id: number, outcome: Outcome): Promise<ClosedChange> {
    try {
      return await retryWhileLocked(() => this.journal.close(id, outcome));
    } catch (error) {
      throw this.keep({ id, outcome }, error);
    }
  }

  /** Records an outcome that could not be recorded before. @throws ConntrackError `OUTCOME_UNRECORDED` while it still cannot be */
  recordPending(): void {
    if (!this.unrecorded) return;
    const { id, outcome } = this.unrecorded;
    try {
      // A failed commit means unknown: it may have become durable.
      if (this.journal.get(id).outcome === 'pending') this.journal.close(id, outcome);
      this.unrecorded = undefined;
    } catch (error) {
      throw this.keep({ id, outcome }, error);
    }
  }

  private keep(unrecorded: UnrecordedOutcome, cause: unknown): ConntrackError {
    this.unrecorded = unrecorded;
    const { id, outcome } = unrecorded;
    return new ConntrackError(
      'OUTCOME_UNRECORDED',
      `Change ${id} ended as ${outcome.outcome}, but this outcome could not be recorded. Further changes are refused until it is.`,
      { changeId: id, cause, remedy: 'Free space in the data directory, or repair it. The service keeps trying to record the outcome.' },
    );
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
}
