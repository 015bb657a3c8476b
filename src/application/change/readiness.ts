import { Injectable } from '@nestjs/common';
import { ChangeRecords } from './change-records.ts';
import { JournalIntegrity } from './journal-integrity.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { Recover } from './recover.ts';
import { RevertUnconfirmed } from './revert-unconfirmed.ts';

/**
 * Ready means: conntrack is loaded, the journal can be used and has space for a change, every change has an outcome, and every change that was not confirmed in time is
 * reverted.
 */
@Injectable()
export class Readiness {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
    private readonly integrity: JournalIntegrity,
    private readonly records: ChangeRecords,
    private readonly recover: Recover,
    private readonly revertUnconfirmed: RevertUnconfirmed,
  ) {}

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
}
