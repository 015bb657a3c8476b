import { Injectable } from '@nestjs/common';
import type { Change, Failure, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import { judgeObservation } from '../../domain/verdict.ts';
import { ObserveHost } from './observe-host.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelBlocks, KernelSettings } from '../ports/kernel.ts';
import { retryWhileLocked } from '../retry-while-locked.ts';
import { SettleDeletion } from './settle-deletion.ts';
import { SettleUpdate } from './settle-update.ts';

/** Reasons why a network namespace cannot be read that pass: the change can be settled later. */
const RETRY_LATER: readonly ErrorCode[] = ['CONNTRACK_NOT_LOADED', 'RESOURCES_EXHAUSTED'];

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
    private readonly blocks: KernelBlocks,
    private readonly observe: ObserveHost,
    private readonly deletion: SettleDeletion,
    private readonly update: SettleUpdate,
    private readonly clock: Clock,
  ) {}

  get isSettled(): boolean {
    return this.settled !== undefined;
  }

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
      const outcome = await this.outcomeOf(change);
      await retryWhileLocked(() => this.journal.close(change.id, outcome));
    }
  }

  private outcomeOf(change: Change): Promise<Outcome> {
    if (change.deletion) return this.deletion.run(change, change.deletion);
    // `pending` leaves the entries out.
    return change.update ? this.update.run(this.journal.get(change.id)) : this.observed(change);
  }

  private async observed(change: Change): Promise<Outcome> {
    if (change.kind === 'module-load') return this.loaded();
    if (change.kind === 'unblock') return this.unblocked(change.relatesTo);
    const names = change.settings.map(({ name }) => name);
    const paths = change.files.map(({ path }) => path);
    try {
      const observed = await this.observe.run(names, paths, change.namespace);
      return { outcome: judgeObservation(change, observed), observed, completedAt: this.clock.now() };
    } catch (error) {
      if (!change.namespace || !isFinal(error)) throw error;
      const observed = { settings: Object.fromEntries(names.map((name) => [name, null])), files: {} };
      return { outcome: 'diverged', failure: unknownIn(change.namespace, error), observed, completedAt: this.clock.now() };
    }
  }

  private async unblocked(change: number | null): Promise<Outcome> {
    // Where blocks cannot be listed, there are none.
    const blocks = await this.blocks.read(0).catch(() => []);
    const outcome = blocks.some((block) => block.change === change) ? 'recovered-unchanged' : 'recovered-applied';
    return { outcome, observed: { settings: {}, files: {} }, completedAt: this.clock.now() };
  }

  private async loaded(): Promise<Outcome> {
    const { isLoaded } = await this.kernel.readIfLoaded();
    const outcome = isLoaded === false ? 'recovered-unchanged' : 'recovered-applied';
    return { outcome, observed: { settings: {}, files: {} }, completedAt: this.clock.now() };
  }
}

function isFinal(error: unknown): error is ConntrackError {
  return error instanceof ConntrackError && !RETRY_LATER.includes(error.code);
}

/** A namespace that cannot be read must not keep other changes from being carried out. */
function unknownIn({ name }: NamespaceRef, { code, message }: ConntrackError): Failure {
  return {
    code,
    message: `The service ended during the change in the network namespace ${name}, and its values cannot be read now. ${message}`,
  };
}
