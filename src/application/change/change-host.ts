import { Injectable } from '@nestjs/common';
import { valuesAtBoot } from '../../domain/boot/compare/boot-differences.ts';
import type { ChangePlan } from '../../domain/change-plan.ts';
import type { ClosedChange, ConfirmWindow, Intent, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ApplyChange } from './apply-change.ts';
import { ChangeGate, type PreparedChange } from './change-gate.ts';
import type { ChangeTerms } from './change-terms.ts';
import { ObserveHost } from './observe-host.ts';
import { BootFiles } from '../ports/boot-files.ts';
import type { Persisting } from './persist-values.ts';
import { PlanChange, requireAccepted, type WantedChange } from './plan-change.ts';
import { PreviewBoot } from '../table/preview-boot.ts';
import { Clock } from '../ports/clock.ts';
import { KernelSettings } from '../ports/kernel.ts';

/** Decides on the live state what is wanted. Throws to refuse: nothing has happened then. */
export type Decide = (live: LiveSettings) => Promise<WantedChange>;

/** Changes of settings and boot files, through the door. */
@Injectable()
export class ChangeHost {
  constructor(
    private readonly door: ChangeGate,
    private readonly kernel: KernelSettings,
    private readonly planChange: PlanChange,
    private readonly carryOut: ApplyChange,
    private readonly bootFiles: BootFiles,
    private readonly observe: ObserveHost,
    private readonly previewBoot: PreviewBoot,
    private readonly clock: Clock,
  ) {}

  /** What a change would do and risk, with the same checks as doing it. */
  async preview({ isExpected }: ChangeTerms, hasWindow: boolean, decide: Decide): Promise<ChangePlan> {
    const live = await this.kernel.read();
    await this.requireExpected(live, isExpected);
    return this.planAppliable(live, await decide(live), hasWindow);
  }

  /** @throws as `ChangeGate.pass` and what `decide` throws; ConntrackError `PRECONDITION_FAILED`, `RISK_REFUSED`, `RISK_UNACKNOWLEDGED`. */
  perform(caller: Caller, terms: ChangeTerms, decide: Decide): Promise<ClosedChange> {
    return this.door.pass(caller, terms.idempotency, () => this.prepare(caller, terms, decide));
  }

  private async prepare(caller: Caller, terms: ChangeTerms, decide: Decide): Promise<PreparedChange> {
    const live = await this.kernel.read();
    await this.requireExpected(live, terms.isExpected);
    const wanted = await decide(live);
    const plan = await this.planAppliable(live, wanted, terms.confirmWithinSeconds !== null);
    if (wanted.kind !== 'auto-revert') requireAccepted(plan, terms.acknowledge);
    const intent = this.toIntent(caller, live, wanted, plan, terms);
    const verify = wanted.persist && !intent.confirm ? () => this.requireAtBoot(live, plan, wanted.persist?.values ?? {}) : undefined;
    return { intent, carryOut: async () => withWhatWasLeft(await this.carryOut.run(intent, verify), wanted) };
  }

  private async planAppliable(live: LiveSettings, wanted: WantedChange, hasWindow: boolean): Promise<ChangePlan> {
    const plan = await this.planChange.run(live, wanted, hasWindow);
    if (plan.files.length > 0) await this.bootFiles.requireAppliable(plan.files);
    return plan;
  }

  private async requireExpected(live: LiveSettings, isExpected: ChangeTerms['isExpected']): Promise<void> {
    if (!isExpected || isExpected(await this.observe.state(live))) return;
    throw new ConntrackError('PRECONDITION_FAILED', 'The settings or boot files are no longer as the If-Match header says.', {
      remedy: 'Read the settings again, decide again, and send their ETag.',
    });
  }

  /** Once more, over the files as they now are: what was promised for the next boot must be what they say. */
  private async requireAtBoot(live: LiveSettings, { atNextBoot }: ChangePlan, persisted: SettingValues): Promise<void> {
    const now = valuesAtBoot(await this.previewBoot.afterwards(live, []));
    const other = Object.keys(persisted).find((name) => now[name] !== atNextBoot[name]);
    if (other === undefined) return;
    const [planned, found] = [atNextBoot[other], now[other]].map((value) => value ?? 'the kernel’s own default');
    throw new ConntrackError(
      'BOOT_RESULT_CHANGED',
      `The next boot was to leave ${other} at ${planned}; with the files written it is ${found}.`,
      {
        remedy: 'GET /api/v1/boot names the line that decides. Look at it, then ask for the change again.',
      },
    );
  }

  private toIntent(caller: Caller, live: LiveSettings, wanted: WantedChange, plan: ChangePlan, terms: ChangeTerms): Intent {
    const { kind, reason, rollbackOf, relatesTo, persist } = wanted;
    const confirm = this.windowOf(live, terms.confirmWithinSeconds, persist);
    return {
      kind,
      reason,
      rollbackOf,
      relatesTo,
      confirm,
      idempotency: terms.idempotency,
      acknowledged: plan.risks.filter(({ level }) => level === 'acknowledge').map(({ code }) => code),
      startedAt: this.clock.now(),
      bootId: live.bootId ?? null,
      actor: caller.actor,
      requestId: caller.requestId,
      settings: plan.steps.map(({ name, before, requested }) => ({ name, before, requested })),
      files: confirm ? [] : plan.files,
    };
  }

  private windowOf(live: LiveSettings, withinSeconds: number | null, persist: Persisting | null): ConfirmWindow | null {
    if (withinSeconds === null) return null;
    const milliseconds = this.clock.bootMilliseconds() + withinSeconds * 1000;
    const deadline = { bootId: live.bootId ?? null, milliseconds };
    return { withinSeconds, deadline, persist: persist !== null, ...(persist?.last && { last: true }) };
  }
}

function withWhatWasLeft(outcome: Outcome, { leftAlone = 0 }: WantedChange): Outcome {
  return leftAlone > 0 && outcome.outcome === 'applied' ? { ...outcome, outcome: 'diverged' } : outcome;
}
