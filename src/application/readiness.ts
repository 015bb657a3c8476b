import { Injectable } from '@nestjs/common';
import { ChangeHost } from './change-host.ts';
import { Journal } from './ports/journal.ts';
import { KernelSettings } from './ports/kernel.ts';
import { Recover } from './recover.ts';

/** Ready means: connection tracking is there, the journal answers, and no change is left without its outcome. */
@Injectable()
export class Readiness {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
    private readonly host: ChangeHost,
    private readonly recover: Recover,
  ) {}

  /** @throws ConntrackError saying what is missing and what to do. */
  async check(): Promise<void> {
    await this.kernel.read();
    this.host.settleUnrecorded();
    await this.recover.run();
    this.journal.pending();
  }
}
