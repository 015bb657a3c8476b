import { Injectable } from '@nestjs/common';
import { ChangeGate } from './change-gate.ts';
import { JournalIntegrity } from './journal-integrity.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { Recover } from './recover.ts';
import { RevertUnconfirmed } from './revert-unconfirmed.ts';

/** Ready means: connection tracking is there, the journal answers, no change is left without its outcome, and none is live that nobody confirmed in time. */
@Injectable()
export class Readiness {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
    private readonly trust: JournalIntegrity,
    private readonly door: ChangeGate,
    private readonly recover: Recover,
    private readonly revertUnconfirmed: RevertUnconfirmed,
  ) {}

  /** @throws ConntrackError saying what is missing and what to do. */
  async check(): Promise<void> {
    await this.kernel.read();
    this.trust.requireIntact();
    this.door.settleUnrecorded();
    await this.recover.run();
    await this.revertUnconfirmed.run();
    this.journal.pending();
  }
}
