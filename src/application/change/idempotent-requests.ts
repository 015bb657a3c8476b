import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Caller } from '../../domain/token.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';

const KEPT_MILLISECONDS = 24 * 3_600_000;

/**
 * Makes a request with an Idempotency-Key happen once per token, also across a restart: the key is part of the intent that is recorded
 * before anything moves. A request that was refused has recorded nothing and may be repeated.
 */
@Injectable()
export class IdempotentRequests {
  private readonly inFlight = new Set<string>();

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * @param work is given what tells it, inside the lane, whether the change has been made already.
   * @throws ConntrackError `IDEMPOTENCY_IN_FLIGHT`, `IDEMPOTENCY_KEY_REUSED`
   */
  async run<T>(caller: Caller, idempotency: Idempotency | null, work: (replay: () => ClosedChange | undefined) => Promise<T>): Promise<T> {
    if (!idempotency) return work(() => undefined);
    const name = `${caller.actor.tokenId} ${idempotency.key}`;
    if (this.inFlight.has(name)) {
      throw new ConntrackError('IDEMPOTENCY_IN_FLIGHT', 'The first request with this Idempotency-Key has not been answered yet.', {
        remedy: 'Wait and repeat: the answer will be that of the first.',
      });
    }
    this.inFlight.add(name);
    try {
      return await work(() => this.replay(caller, idempotency));
    } finally {
      this.inFlight.delete(name);
    }
  }

  private replay(caller: Caller, { key, fingerprint }: Idempotency): ClosedChange | undefined {
    const since = new Date(this.clock.now().getTime() - KEPT_MILLISECONDS);
    const change = this.journal.findByKey(caller.actor.tokenId, key, since);
    if (!change || change.outcome === 'pending') return undefined;
    if (change.idempotency?.fingerprint === fingerprint) return change;
    throw new ConntrackError('IDEMPOTENCY_KEY_REUSED', `This Idempotency-Key belongs to another request, which made change ${change.id}.`, {
      changeId: change.id,
      remedy: 'Use a new key for a new request.',
    });
  }
}
