import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency, Intent, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Caller } from '../../domain/token.ts';
import { JournalIntegrity } from './journal-integrity.ts';
import { IdempotentRequests } from './idempotent-requests.ts';
import { Journal } from '../ports/journal.ts';
import { Recover } from './recover.ts';
import { WriteLock } from './write-lock.ts';

/** A change that is decided on and not begun. */
export interface PreparedChange {
  readonly intent: Intent;
  /** Never throws: whatever happens is an outcome to be recorded. */
  readonly carryOut: () => Promise<Outcome>;
}

/**
 * The only door to the host. Nothing reaches the kernel or a boot file unless its intent is durable, and nothing is answered before
 * its outcome is. A caller that goes away after the intent cancels nothing.
 */
@Injectable()
export class ChangeGate {
  private unrecorded: { readonly id: number; readonly outcome: Outcome } | undefined;

  constructor(
    private readonly lane: WriteLock,
    private readonly journal: Journal,
    private readonly keyed: IdempotentRequests,
    private readonly trust: JournalIntegrity,
    private readonly recover: Recover,
  ) {}

  /**
   * Decides, records, carries out and records again, inside the writer lane. Answers with the closed change whatever its outcome, and a
   * repeated idempotency key with the change it made the first time.
   *
   * @param prepare decides on the host as it is. Throws to refuse: nothing has happened then.
   * @throws what `prepare` throws; ConntrackError `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_IN_FLIGHT`, `JOURNAL_UNAVAILABLE` (nothing has
   *   happened); `OUTCOME_UNRECORDED`.
   */
  pass(caller: Caller, idempotency: Idempotency | null, prepare: () => Promise<PreparedChange>): Promise<ClosedChange> {
    return this.keyed.run(caller, idempotency, (replay) =>
      this.lane.run(async () => {
        this.trust.requireIntact();
        this.settleUnrecorded();
        await this.recover.run();
        return replay() ?? (await this.make(await prepare()));
      }),
    );
  }

  /** Records an outcome that could not be recorded when it was seen. @throws `OUTCOME_UNRECORDED` while it still cannot. */
  settleUnrecorded(): void {
    if (this.unrecorded) this.record(this.unrecorded.id, this.unrecorded.outcome);
  }

  private async make({ intent, carryOut }: PreparedChange): Promise<ClosedChange> {
    const id = this.open(intent);
    return this.record(id, await carryOut());
  }

  private open(intent: Intent): number {
    try {
      return this.journal.open(intent);
    } catch (error) {
      this.recover.lookAgain();
      throw error;
    }
  }

  private record(id: number, outcome: Outcome): ClosedChange {
    try {
      const closed = this.closedAlready(id) ?? this.journal.close(id, outcome);
      this.unrecorded = undefined;
      return closed;
    } catch (error) {
      this.unrecorded = { id, outcome };
      throw new ConntrackError(
        'OUTCOME_UNRECORDED',
        `Change ${id} ended as ${outcome.outcome} and this could not be recorded. Further changes are refused until it is.`,
        { changeId: id, cause: error, remedy: 'Make room for, or repair, the data directory. Recording is tried again by itself.' },
      );
    }
  }

  /** A failed commit means unknown: it may have become durable. */
  private closedAlready(id: number): ClosedChange | undefined {
    if (this.unrecorded?.id !== id) return undefined;
    const change = this.journal.get(id);
    return change.outcome === 'pending' ? undefined : change;
  }
}
