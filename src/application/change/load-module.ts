import { Injectable } from '@nestjs/common';
import { planLoad, type LoadPlan } from '../../domain/boot/load-now.ts';
import type { ClosedChange, Idempotency, Intent } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ApplyLoad } from './apply-load.ts';
import { ChangeGate } from './change-gate.ts';
import { Clock } from '../ports/clock.ts';
import { KernelModule, KernelSettings, KernelTable } from '../ports/kernel.ts';
import { PreviewBoot } from '../table/preview-boot.ts';

export interface LoadRequest {
  readonly reason: string | null;
  readonly idempotency: Idempotency | null;
}

export interface LoadResult {
  readonly plan: LoadPlan;
  /** Absent if nothing was to be done: it was loaded already, or the request was a dry run. */
  readonly change?: ClosedChange;
  readonly isLoaded: boolean;
}

/** Loads connection tracking, as a recorded change. Its parameters are those of the files on this host: clients give none. */
@Injectable()
export class LoadModule {
  constructor(
    private readonly gate: ChangeGate,
    private readonly settings: KernelSettings,
    private readonly table: KernelTable,
    private readonly module: KernelModule,
    private readonly preview: PreviewBoot,
    private readonly applyLoad: ApplyLoad,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError `MODULE_LOAD_REFUSED` naming the line, `NOT_SUPPORTED_HERE`; as `ChangeGate.enter` */
  async run(caller: Caller, request: LoadRequest): Promise<LoadResult> {
    using turn = await this.gate.enter(caller, request.idempotency);
    const before = await this.settings.readIfLoaded();
    const plan = await this.plan(before);
    if (turn.replayed) return { plan, change: turn.replayed, isLoaded: before.isLoaded ?? true };
    if (before.isLoaded !== false) return { plan, isLoaded: true };
    this.requireLoadable(plan);

    await turn.open(this.toIntent(caller, request, before));
    const change = await turn.close(await this.applyLoad.run());
    return { plan, change, isLoaded: change.outcome === 'applied' };
  }

  /** The same checks as `run`. Loads and records nothing. */
  async dryRun(): Promise<LoadResult> {
    const before = await this.settings.readIfLoaded();
    const plan = await this.plan(before);
    if (before.isLoaded === false) this.requireLoadable(plan);
    return { plan, isLoaded: before.isLoaded ?? true };
  }

  private async plan(live: LiveSettings): Promise<LoadPlan> {
    const { memoryAvailableBytes } = await this.table.facts();
    return planLoad(await this.preview.input(live, []), memoryAvailableBytes);
  }

  private requireLoadable({ obstacles }: LoadPlan): void {
    const [first] = obstacles;
    if (first !== undefined) {
      const message = `Connection tracking would not load: ${obstacles.map((each) => each.message).join(' ')}`;
      throw new ConntrackError('MODULE_LOAD_REFUSED', message, { remedy: first.remedy });
    }
    this.module.requireLoadable();
  }

  private toIntent(caller: Caller, { reason, idempotency }: LoadRequest, { bootId }: LiveSettings): Intent {
    return {
      kind: 'module-load',
      startedAt: this.clock.now(),
      bootId: bootId ?? null,
      actor: caller.actor,
      requestId: caller.requestId,
      ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
      reason,
      rollbackOf: null,
      relatesTo: null,
      confirm: null,
      idempotency,
      acknowledged: [],
      settings: [],
      files: [],
    };
  }
}
