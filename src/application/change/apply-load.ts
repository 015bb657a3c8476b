import { Injectable } from '@nestjs/common';
import type { Failure, Outcome } from '../../domain/change.ts';
import { toFailure } from '../../domain/to-failure.ts';
import { Clock } from '../ports/clock.ts';
import { KernelModule, KernelSettings } from '../ports/kernel.ts';

/** Loads connection tracking, as a durable intent says. To be called in an open turn at the gate only. */
@Injectable()
export class ApplyLoad {
  constructor(
    private readonly module: KernelModule,
    private readonly settings: KernelSettings,
    private readonly clock: Clock,
  ) {}

  /** Never throws: whatever happens is an outcome to be recorded. */
  async run(): Promise<Outcome> {
    const failure = await this.tryLoad();
    const ending = { completedAt: this.clock.now(), observed: { settings: {}, files: {} } };
    return failure === undefined ? { outcome: 'applied', ...ending } : { outcome: 'failed', failure, ...ending };
  }

  private async tryLoad(): Promise<Failure | undefined> {
    try {
      await this.module.load();
      if ((await this.settings.readIfLoaded()).isLoaded !== false) return undefined;
      const message = 'The kernel was asked to load connection tracking, and it is not loaded. See the kernel log: dmesg.';
      return { code: 'MODULE_LOAD_FAILED', message };
    } catch (error) {
      return toFailure(error);
    }
  }
}
