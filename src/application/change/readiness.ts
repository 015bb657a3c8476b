import { Injectable } from '@nestjs/common';
import { ChangeRecords } from './change-records.ts';
import { JournalIntegrity } from './journal-integrity.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { Recover } from './recover.ts';
import { RevertUnconfirmed } from './revert-unconfirmed.ts';

const FRESH_MILLISECONDS = 1_000;

/**
 * Ready means: conntrack is loaded, the journal can be used and has space for a change, every change has an outcome, and every change that was not confirmed in time is
 * reverted.
 */
@Injectable()
export class Readiness {
  private running: Promise<void> | undefined;
  /** Boot-clock time of the last check that succeeded. */
  private readyAt: number | undefined;

  constructor(
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
    private readonly integrity: JournalIntegrity,
    private readonly records: ChangeRecords,
    private readonly recover: Recover,
    private readonly revertUnconfirmed: RevertUnconfirmed,
    private readonly clock: Clock,
  ) {}

  /**
   * The same for probes, of which there may be any number: a success up to 1 s old, or one check for all that wait.
   *
   * @throws as `check`
   */
  recent(): Promise<void> {
    return this.isRecent() ? Promise.resolve() : (this.running ??= this.renew());
  }

  /** Whether a check succeeded up to 1 s ago, and no change has lost its outcome since. */
  isRecent(): boolean {
    const { readyAt } = this;
    return readyAt !== undefined && this.records.areSettled && this.clock.bootMilliseconds() - readyAt < FRESH_MILLISECONDS;
  }

  /** @throws ConntrackError with what is missing and what to do */
  async check(): Promise<void> {
    await this.kernel.read();
    this.integrity.requireIntact();
    this.records.recordPending();
    await this.recover.run();
    await this.revertUnconfirmed.run();
    this.journal.pending();
    this.journal.requireWritable();
  }

  private async renew(): Promise<void> {
    this.readyAt = undefined;
    try {
      const startedAt = this.clock.bootMilliseconds();
      await this.check();
      this.readyAt = startedAt;
    } finally {
      this.running = undefined;
    }
  }
}
