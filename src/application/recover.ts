import { Injectable } from '@nestjs/common';
import { judgeObservation } from '../domain/verdict.ts';
import { ObserveHost } from './observe-host.ts';
import { Clock } from './ports/clock.ts';
import { Journal } from './ports/journal.ts';

/**
 * Settles the changes that a dead process left open, by looking at the host.
 *
 * Being killed in here is harmless: each row is closed on its own, and the next start sees the same host.
 */
@Injectable()
export class Recover {
  private settled: Promise<void> | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly observe: ObserveHost,
    private readonly clock: Clock,
  ) {}

  /** Idempotent. Throws while an open change cannot be settled (conntrack not loaded, journal not usable): try again later. */
  run(): Promise<void> {
    this.settled ??= this.settleAll().catch((error: unknown) => {
      this.settled = undefined;
      throw error;
    });
    return this.settled;
  }

  /** After a failed commit: an intent that was refused may have become durable all the same. */
  lookAgain(): void {
    this.settled = undefined;
  }

  private async settleAll(): Promise<void> {
    for (const change of this.journal.pending()) {
      const observed = await this.observe.see(
        change.settings.map(({ name }) => name),
        change.files.map(({ path }) => path),
      );
      this.journal.close(change.id, { outcome: judgeObservation(change, observed), observed, completedAt: this.clock.now() });
    }
  }
}
