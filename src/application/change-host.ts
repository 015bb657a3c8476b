import { Injectable } from '@nestjs/common';
import type { ChangePlan } from '../domain/change-plan.ts';
import type { ClosedChange, ConfirmWindow, Intent, Outcome } from '../domain/change.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { LiveSettings } from '../domain/setting.ts';
import type { Caller } from '../domain/token.ts';
import { CarryOut } from './carry-out.ts';
import type { ChangeTerms } from './change-terms.ts';
import { JournalTrust } from './journal-trust.ts';
import { KeyedRequests } from './keyed-requests.ts';
import { ObserveHost } from './observe-host.ts';
import { PlanChange, requireAccepted, type WantedChange } from './plan-change.ts';
import { Clock } from './ports/clock.ts';
import { Journal } from './ports/journal.ts';
import { KernelSettings } from './ports/kernel.ts';
import { Recover } from './recover.ts';
import { WriterLane } from './writer-lane.ts';

/** Decides on the live state what is wanted. Throws to refuse: nothing has happened then. */
export type Decide = (live: LiveSettings) => Promise<WantedChange>;

/**
 * The only door to the host. Nothing reaches the kernel or a boot file unless its intent is durable, and nothing is answered before
 * its outcome is. A caller that goes away after the intent cancels nothing.
 */
@Injectable()
export class ChangeHost {
  private unrecorded: { readonly id: number; readonly outcome: Outcome } | undefined;

  constructor(
    private readonly lane: WriterLane,
    private readonly kernel: KernelSettings,
    private readonly planChange: PlanChange,
    private readonly carryOut: CarryOut,
    private readonly observe: ObserveHost,
    private readonly journal: Journal,
    private readonly keyed: KeyedRequests,
    private readonly trust: JournalTrust,
    private readonly recover: Recover,
    private readonly clock: Clock,
  ) {}

  /** What a change would do and risk, with the same checks as doing it. */
  async preview({ isExpected }: ChangeTerms, hasWindow: boolean, decide: Decide): Promise<ChangePlan> {
    const live = await this.kernel.read();
    await this.requireExpected(live, isExpected);
    return this.planChange.run(live, await decide(live), hasWindow);
  }

  /**
   * Decides, records, carries out and records again, inside the writer lane. Answers with the closed change whatever its outcome, and a
   * repeated idempotency key with the change it made the first time.
   *
   * @throws what `decide` throws; ConntrackError `PRECONDITION_FAILED`, `RISK_REFUSED`, `RISK_UNACKNOWLEDGED`, `IDEMPOTENCY_KEY_REUSED`,
   *   `IDEMPOTENCY_IN_FLIGHT`, `JOURNAL_UNAVAILABLE` (nothing has happened); `OUTCOME_UNRECORDED`.
   */
  perform(caller: Caller, terms: ChangeTerms, decide: Decide): Promise<ClosedChange> {
    return this.keyed.run(caller, terms.idempotency, (replay) =>
      this.lane.run(async () => {
        this.trust.requireIntact();
        this.settleUnrecorded();
        await this.recover.run();
        return replay() ?? (await this.make(caller, terms, decide));
      }),
    );
  }

  /** Records an outcome that could not be recorded when it was seen. @throws `OUTCOME_UNRECORDED` while it still cannot. */
  settleUnrecorded(): void {
    if (this.unrecorded) this.record(this.unrecorded.id, this.unrecorded.outcome);
  }

  private async make(caller: Caller, terms: ChangeTerms, decide: Decide): Promise<ClosedChange> {
    const live = await this.kernel.read();
    await this.requireExpected(live, terms.isExpected);
    const wanted = await decide(live);
    const plan = await this.planChange.run(live, wanted, terms.confirmWithinSeconds !== null);
    if (wanted.kind !== 'reversion') requireAccepted(plan, terms.acknowledge);
    const intent = this.toIntent(caller, live, wanted, plan, terms);
    const id = this.open(intent);
    return this.record(id, withWhatWasLeft(await this.carryOut.run(intent), wanted));
  }

  private open(intent: Intent): number {
    try {
      return this.journal.open(intent);
    } catch (error) {
      this.recover.lookAgain();
      throw error;
    }
  }

  private async requireExpected(live: LiveSettings, isExpected: ChangeTerms['isExpected']): Promise<void> {
    if (!isExpected || isExpected(await this.observe.state(live))) return;
    throw new ConntrackError('PRECONDITION_FAILED', 'The settings or boot files are no longer as the If-Match header says.', {
      remedy: 'Read the settings again, decide again, and send their ETag.',
    });
  }

  private toIntent(caller: Caller, live: LiveSettings, wanted: WantedChange, plan: ChangePlan, terms: ChangeTerms): Intent {
    const { kind, reason, rollsBack, concerns, persist } = wanted;
    const confirm = this.windowOf(live, terms.confirmWithinSeconds, persist);
    return {
      kind,
      reason,
      rollsBack,
      concerns,
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

  private windowOf(live: LiveSettings, withinSeconds: number | null, persist: boolean): ConfirmWindow | null {
    if (withinSeconds === null) return null;
    const milliseconds = this.clock.bootMilliseconds() + withinSeconds * 1000;
    return { withinSeconds, persist, deadline: { bootId: live.bootId ?? null, milliseconds } };
  }

  private record(id: number, outcome: Outcome): ClosedChange {
    try {
      const closed = this.closedAlready(id) ?? this.journal.close(id, outcome);
      this.unrecorded = undefined;
      return closed;
    } catch (error) {
      this.unrecorded = { id, outcome };
      throw new ConntrackError(
        'OUTCOME_UNRECORDED',
        `Change ${id} ended as ${outcome.outcome} and this could not be recorded. Further changes are refused until it is.`,
        { changeId: id, cause: error, remedy: 'Make room for, or repair, the data directory. Recording is tried again by itself.' },
      );
    }
  }

  /** A failed commit means unknown: it may have become durable. */
  private closedAlready(id: number): ClosedChange | undefined {
    if (this.unrecorded?.id !== id) return undefined;
    const change = this.journal.get(id);
    return change.outcome === 'pending' ? undefined : change;
  }
}

function withWhatWasLeft(outcome: Outcome, { leftAlone = 0 }: WantedChange): Outcome {
  return leftAlone > 0 && outcome.outcome === 'applied' ? { ...outcome, outcome: 'diverged' } : outcome;
}
