import { Injectable } from '@nestjs/common';
import type { ChangePlan } from '../../domain/change-plan.ts';
import type { ClosedChange, ConfirmWindow, Intent, Outcome, SettingChange } from '../../domain/change.ts';
import { subjectIn } from '../../domain/namespace.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ApplyChange, type PromisedBoot } from './apply-change.ts';
import { ChangeGate } from './change-gate.ts';
import { Confirmations } from './confirmations.ts';
import { readTarget, readTargetOrGone, type ChangeTarget } from './change-target.ts';
import { serviceCaller, type ChangeTerms } from './change-terms.ts';
import { ObserveHost } from './observe-host.ts';
import { BootFiles } from '../ports/boot-files.ts';
import type { Persisting } from './persist-values.ts';
import { PlanChange, requireAccepted, type WantedChange } from './plan-change.ts';
import { requireExpected } from './require-expected.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';

/** Decides on the live state which change is wanted. Throws to refuse: nothing has been written or recorded then. */
export type Decide = (live: LiveSettings) => WantedChange | Promise<WantedChange>;

/** Changes settings and boot files, as one recorded change. */
@Injectable()
export class ChangeHost {
  constructor(
    private readonly gate: ChangeGate,
    private readonly kernel: KernelSettings,
    private readonly planChange: PlanChange,
    private readonly applyChange: ApplyChange,
    private readonly bootFiles: BootFiles,
    private readonly observe: ObserveHost,
    private readonly confirmations: Confirmations,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns the closed change, whatever its outcome; for a repeated idempotency key the change that the first request made.
   *
   * @param target the network namespace to change; absent: that of the service
   * @param orGone whether `decide` also decides for a namespace that is gone: it has no settings then
   * @throws as `ChangeGate.enter`, `ChangeTurn.open` and `decide`; ConntrackError `PRECONDITION_FAILED`, `RISK_REFUSED`, `RISK_UNACKNOWLEDGED`:
   *   nothing has been written. `OUTCOME_UNRECORDED`: the host may be changed
   */
  async perform(caller: Caller, terms: ChangeTerms, decide: Decide, target?: ChangeTarget, orGone = false): Promise<ClosedChange> {
    using turn = await this.gate.enter(caller, terms.idempotency);
    if (turn.replayed) return turn.replayed;

    const live = await this.readExpected(terms, target, orGone);
    const wanted = await decide(live);
    const plan = await this.plan(live, wanted, terms);
    const intent = this.toIntent(caller, live, wanted, plan, terms);
    if (wanted.kind !== 'auto-revert') {
      this.journal.requireRoomFor(intent);
      requireAccepted(plan, terms.acknowledge);
    }

    await turn.open(intent);
    const outcome = await this.applyChange.run(intent, promisedBoot(live, wanted, plan, intent));
    return await turn.close(withSettingsLeftAlone(outcome, wanted));
  }

  /**
   * What a change would write and risk. Writes and records nothing.
   *
   * @throws whatever `perform` would refuse before it writes, except for risks, which the plan lists
   */
  async preview(terms: ChangeTerms, decide: Decide, target?: ChangeTarget): Promise<ChangePlan> {
    this.gate.requireReady();
    const live = await this.readExpected(terms, target, false);
    const wanted = await decide(live);
    const plan = await this.plan(live, wanted, terms);
    this.journal.requireRoomFor(this.toIntent(serviceCaller('dry-run'), live, wanted, plan, terms));
    return plan;
  }

  private async readExpected(terms: ChangeTerms, target: ChangeTarget, orGone: boolean): Promise<LiveSettings> {
    const live = await (orGone && typeof target === 'object' ? readTargetOrGone(this.kernel, target) : readTarget(this.kernel, target));
    await requireExpected(terms, this.observe, live);
    return live;
  }

  private async plan(live: LiveSettings, wanted: WantedChange, { confirmWithinSeconds }: ChangeTerms): Promise<ChangePlan> {
    const plan = await this.planChange.run(live, wanted, confirmWithinSeconds !== null);
    if (plan.files.length > 0) await this.bootFiles.requireAppliable(plan.files);
    return plan;
  }

  private toIntent(caller: Caller, live: LiveSettings, wanted: WantedChange, plan: ChangePlan, terms: ChangeTerms): Intent {
    const { kind, reason, rollbackOf, relatesTo, persist } = wanted;
    const confirm = this.toWindow(live, terms.confirmWithinSeconds, persist);
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
      ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
      ...(live.namespace && { namespace: live.namespace }),
      ...(wanted.guard && { guard: wanted.guard }),
      settings: plan.steps.map(({ name, before, requested }) => ({
        name,
        before,
        requested,
        ...this.confirmedBefore(live, wanted, name, before),
      })),
      // Boot files are written at confirmation.
      files: confirm ? [] : plan.files,
    };
  }

  /** Recorded with the change, so that undoing it never restores a value that was itself waiting for a confirmation. */
  private confirmedBefore(
    live: LiveSettings,
    { kind, rollbackOf, relatesTo }: WantedChange,
    name: SettingName,
    before: number,
  ): Pick<SettingChange, 'confirmedBefore'> {
    const { settings, windows } = this.confirmations.current();
    const pending = settings.get(subjectIn(live.namespace, name));
    if (!pending || pending.confirmed === before || windows.get(pending.under)?.change.bootId !== (live.bootId ?? null)) return {};
    // Rolling back the rollback of an unconfirmed change requests that value explicitly.
    const isUndone = pending.under === rollbackOf || (kind === 'rollback-to' && pending.under > (relatesTo ?? 0));
    return isUndone ? {} : { confirmedBefore: pending.confirmed };
  }

  private toWindow(live: LiveSettings, withinSeconds: number | null, persist: Persisting | null): ConfirmWindow | null {
    if (withinSeconds === null) return null;
    const milliseconds = this.clock.bootMilliseconds() + withinSeconds * 1000;
    const deadline = { bootId: live.bootId ?? null, milliseconds };
    return { withinSeconds, deadline, persist: persist !== null, ...(persist?.last && { last: true }) };
  }
}

/** What the files must lead to once they are written; `null` where none are written now. */
function promisedBoot(live: LiveSettings, { persist }: WantedChange, { atNextBoot }: ChangePlan, { confirm }: Intent): PromisedBoot | null {
  return persist && !confirm ? { live, names: Object.keys(persist.values), values: atNextBoot } : null;
}

function withSettingsLeftAlone(outcome: Outcome, { leftAlone = 0 }: WantedChange): Outcome {
  return leftAlone > 0 && outcome.outcome === 'applied' ? { ...outcome, outcome: 'diverged' } : outcome;
}
