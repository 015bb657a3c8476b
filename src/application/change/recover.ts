import { Injectable } from '@nestjs/common';
import type { Change, Outcome } from '../../domain/change.ts';
import { judgeObservation } from '../../domain/verdict.ts';
import { ObserveHost } from './observe-host.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { retryWhileLocked } from '../retry-while-locked.ts';
import { SettleDeletion } from './settle-deletion.ts';

/**
 * Settles the changes that a process opened and never closed, by observing the host.
 *
 * Being killed in here is harmless: each change is closed on its own, and the next start observes the same host.
 */
@Injectable()
export class Recover {
  private settled: Promise<void> | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly kernel: KernelSettings,
    private readonly observe: ObserveHost,
    private readonly deletion: SettleDeletion,
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

  /** A change may be open without an outcome: the next run reads the journal again. Not to be called while a turn at the gate is open. */
  markUnsettled(): void {
    this.settled = undefined;
  }

  private async settleAll(): Promise<void> {
    for (const change of this.journal.pending()) {
      const outcome = await (change.deletion ? this.deletion.run(change.deletion) : this.observed(change));
      await retryWhileLocked(() => this.journal.close(change.id, outcome));
    }
  }

  private async observed(change: Change): Promise<Outcome> {
    if (change.kind === 'module-load') return this.loaded();
    const observed = await this.observe.run(
      change.settings.map(({ name }) => name),
      change.files.map(({ path }) => path),
    );
    return { outcome: judgeObservation(change, observed), observed, completedAt: this.clock.now() };
  }

  private async loaded(): Promise<Outcome> {
    const { isLoaded } = await this.kernel.readIfLoaded();
    const outcome = isLoaded === false ? 'recovered-unchanged' : 'recovered-applied';
    return { outcome, observed: { settings: {}, files: {} }, completedAt: this.clock.now() };
  }
}
