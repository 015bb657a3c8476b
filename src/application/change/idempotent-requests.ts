import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Caller } from '../../domain/token.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';

const KEPT_MILLISECONDS = 24 * 3_600_000;

const NOTHING: Disposable = { [Symbol.dispose]: () => undefined };

/**
 * Executes a request with an Idempotency-Key at most once per token, even across a restart: the key is part of the intent, which is
 * recorded before anything is written. A refused request records nothing, so its key can be used again.
 */
@Injectable()
export class IdempotentRequests {
  private readonly inFlight = new Set<string>();

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * Reserves the key until the result is disposed.
   *
   * @throws ConntrackError `IDEMPOTENCY_IN_FLIGHT` while another request holds the key
   */
  begin(caller: Caller, idempotency: Idempotency | null): Disposable {
    if (!idempotency) return NOTHING;
    const name = `${caller.actor.tokenId} ${idempotency.key}`;
    if (this.inFlight.has(name)) {
      throw new ConntrackError('IDEMPOTENCY_IN_FLIGHT', 'The first request with this Idempotency-Key is still in progress.', {
        remedy: 'Wait, then repeat the request: the response is that of the first.',
      });
    }
    this.inFlight.add(name);
    return {
      [Symbol.dispose]: () => {
        this.inFlight.delete(name);
      },
    };
  }

  /**
   * The change that an earlier request with this key recorded. To be called under the write lock.
   *
   * @throws ConntrackError `IDEMPOTENCY_KEY_REUSED` where the earlier request was a different one
   */
  findRecorded(caller: Caller, idempotency: Idempotency | null): ClosedChange | undefined {
    if (!idempotency) return undefined;
    const since = new Date(this.clock.now().getTime() - KEPT_MILLISECONDS);
    const change = this.journal.findByKey(caller.actor.tokenId, idempotency.key, since);
    if (!change || change.outcome === 'pending') return undefined;
    if (change.idempotency?.fingerprint === idempotency.fingerprint) return change;
    throw new ConntrackError(
      'IDEMPOTENCY_KEY_REUSED',
      `This Idempotency-Key was already used for another request, which created change ${change.id}.`,
      { changeId: change.id, remedy: 'Use a new key for a new request.' },
    );
  }
}
