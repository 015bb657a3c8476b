import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency, Intent, Outcome } from '../../domain/change.ts';
import type { Caller } from '../../domain/token.ts';
import { Journal } from '../ports/journal.ts';
import { retryWhileLocked } from '../retry-while-locked.ts';
import { ChangeRecords } from './change-records.ts';
import { IdempotentRequests } from './idempotent-requests.ts';
import { JournalIntegrity } from './journal-integrity.ts';
import { Recover } from './recover.ts';
import { WriteLock } from './write-lock.ts';

/**
 * The exclusive right to change the host, from {@link ChangeGate.enter} until it is disposed.
 *
 * A turn makes one change: `open`, then write to the host, then `close`. A turn that ends before `open` leaves no trace.
 */
export class ChangeTurn implements Disposable {
  private state: 'entered' | 'open' | 'ended' = 'entered';
  private id = 0;

  /** @param held released, in this order, when the turn ends */
  constructor(
    private readonly records: ChangeRecords,
    private readonly held: readonly Disposable[],
    /** The change that an earlier request with the same idempotency key recorded: to be returned instead of making another. */
    readonly replayed: ClosedChange | undefined,
  ) {}

  /** Id of the change, once it is open. */
  get changeId(): number {
    return this.id;
  }

  /**
   * The intent is durable when this returns: only then may anything be written to the host.
   *
   * @throws ConntrackError `JOURNAL_UNAVAILABLE`: nothing may be written, and the turn is over
   */
  async open(intent: Intent): Promise<void> {
    this.require('entered');
    this.state = 'ended';
    this.id = await this.records.open(intent);
    this.state = 'open';
  }

  /**
   * Records what was observed on the host. Only what this returns may be sent to the client.
   *
   * @throws ConntrackError `OUTCOME_UNRECORDED`: the outcome is kept, and further changes are refused until it is recorded
   */
  async close(outcome: Outcome): Promise<ClosedChange> {
    this.require('open');
    this.state = 'ended';
    return this.records.close(this.id, outcome);
  }

  /** @throws ConntrackError `OUTCOME_UNRECORDED` where the change was opened and never closed, which is a fault in the calling code */
  [Symbol.dispose](): void {
    const isAbandoned = this.state === 'open';
    this.state = 'ended';
    const fault = isAbandoned ? this.records.abandon(this.id) : undefined;
    for (const resource of this.held) resource[Symbol.dispose]();
    if (fault) throw fault;
  }

  private require(state: ChangeTurn['state']): void {
    if (this.state !== state) throw new Error(`A turn at the change gate is ${this.state} where ${state} was expected.`);
  }
}

/**
 * The only way to change the host. Nothing is written to the kernel or a boot file unless its intent is durable, and no response is sent
 * before its outcome is. A client that disconnects cancels nothing.
 */
@Injectable()
export class ChangeGate {
  constructor(
    private readonly journal: Journal,
    private readonly writeLock: WriteLock,
    private readonly integrity: JournalIntegrity,
    private readonly records: ChangeRecords,
    private readonly recover: Recover,
    private readonly idempotentRequests: IdempotentRequests,
  ) {}

  /** For a dry run: refuses as `enter` would, without waiting for the lock. @throws ConntrackError as `enter` */
  requireReady(): void {
    this.integrity.requireIntact();
    this.records.recordPending();
  }

  /**
   * Waits for the write lock, and holds it until the turn is disposed: take the result with `using`. When this returns, no earlier change
   * is without its outcome.
   *
   * @throws ConntrackError `IDEMPOTENCY_IN_FLIGHT`, `IDEMPOTENCY_KEY_REUSED`, `JOURNAL_UNAVAILABLE`, also where another process locks the journal for 5 s;
   *   `OUTCOME_UNRECORDED` while the outcome of
   *   an earlier change cannot be recorded. Nothing has been written then, and the lock is free.
   */
  async enter(caller: Caller, idempotency: Idempotency | null): Promise<ChangeTurn> {
    const request = this.idempotentRequests.begin(caller, idempotency);
    const lock = await this.writeLock.acquire();
    const held = [lock, request];
    try {
      await retryWhileLocked(() => {
        this.journal.requireUnlocked();
      });
      this.requireReady();
      await this.recover.run();
      return new ChangeTurn(this.records, held, this.idempotentRequests.findRecorded(caller, idempotency));
    } catch (error) {
      for (const resource of held) resource[Symbol.dispose]();
      throw error;
    }
  }
}
