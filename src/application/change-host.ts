import { Injectable } from '@nestjs/common';
import type { Change, ClosedChange, Failure, FileChange, Intent, Observation, Outcome, SettingChange } from '../domain/change.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { LiveSettings, SettingValues } from '../domain/setting.ts';
import type { Caller } from '../domain/token.ts';
import { judgeWrite } from '../domain/verdict.ts';
import { inSafeOrder } from '../domain/write-order.ts';
import { ObserveHost } from './observe-host.ts';
import { BootFiles } from './ports/boot-files.ts';
import { Clock } from './ports/clock.ts';
import { Journal } from './ports/journal.ts';
import { KernelSettings } from './ports/kernel.ts';
import { Recover } from './recover.ts';
import { WriterLane } from './writer-lane.ts';

/** What a use case wants done, decided on the live state it is shown. */
export interface PlannedChange {
  readonly kind: Intent['kind'];
  readonly reason: string | null;
  readonly rollsBack: number | null;
  readonly settings: SettingValues;
  readonly files: readonly FileChange[];
}

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
    private readonly bootFiles: BootFiles,
    private readonly journal: Journal,
    private readonly observe: ObserveHost,
    private readonly recover: Recover,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `plan` on the live state inside the writer lane and carries its result out. Answers with the closed change whatever its
   * outcome; throws what `plan` throws (nothing has happened then), or `OUTCOME_UNRECORDED`.
   */
  perform(caller: Caller, plan: (live: LiveSettings) => Promise<PlannedChange>): Promise<ClosedChange> {
    return this.lane.run(async () => {
      this.settleUnrecorded();
      await this.recover.run();
      const live = await this.kernel.read();
      const intent = this.toIntent(caller, live, await plan(live));
      const id = this.journal.open(intent);
      return this.record(id, await this.carryOut(intent));
    });
  }

  /** Records an outcome that could not be recorded when it was seen. @throws `OUTCOME_UNRECORDED` while it still cannot. */
  settleUnrecorded(): void {
    if (this.unrecorded) this.record(this.unrecorded.id, this.unrecorded.outcome);
  }

  private toIntent(caller: Caller, live: LiveSettings, planned: PlannedChange): Intent {
    const { settings, ...rest } = planned;
    return {
      ...rest,
      startedAt: this.clock.now(),
      bootId: live.bootId ?? null,
      actor: caller.actor,
      requestId: caller.requestId,
      settings: inSafeOrder(Object.entries(settings).map(([name, requested]) => toSettingChange(live, name, requested))),
    };
  }

  private async carryOut(intent: Intent): Promise<Outcome> {
    const written: SettingChange[] = [];
    try {
      for (const setting of intent.settings) {
        if (setting.requested === setting.before) continue;
        written.push(setting);
        await this.writeAndCheck(setting);
      }
      await this.bootFiles.apply(intent.files);
      const observed = await this.see(intent);
      return { outcome: judgeAll(intent, observed), observed, completedAt: this.clock.now() };
    } catch (error) {
      return this.undo(intent, written, toFailure(error));
    }
  }

  private async writeAndCheck({ name, requested }: SettingChange): Promise<void> {
    const after = await this.kernel.write(name, requested);
    if (judgeWrite(name, requested, after) === 'mismatch') {
      throw new ConntrackError('WRITE_NOT_EFFECTIVE', `The kernel accepted ${requested} for ${name} and reports ${after}.`);
    }
  }

  private async undo(intent: Intent, written: readonly SettingChange[], failure: Failure): Promise<Outcome> {
    const notPutBack = await this.putBack(written);
    const undoFailure = failure.code === 'HOST_UNRESTORED' ? failure : notPutBack;
    const closing = { observed: await this.see(intent), completedAt: this.clock.now() };
    if (undoFailure) return { outcome: 'unrestored', failure, undoFailure, ...closing };
    return { outcome: failure.code === 'WRITE_NOT_EFFECTIVE' ? 'mismatch' : 'failed', failure, ...closing };
  }

  /** Every setting is tried, whatever happens to the others. */
  private async putBack(written: readonly SettingChange[]): Promise<Failure | undefined> {
    let first: Failure | undefined;
    for (const { name, before } of written.toReversed()) {
      try {
        await this.restore(name, before);
      } catch (error) {
        first ??= toFailure(error);
      }
    }
    return first;
  }

  private async restore(name: string, before: number): Promise<void> {
    if ((await this.observe.see([name], [])).settings[name] === before) return;
    await this.writeAndCheck({ name, before, requested: before });
  }

  /** What cannot be looked at is `null` in the record: the outcome must be closed even then. */
  private async see(intent: Intent): Promise<Observation> {
    const names = intent.settings.map(({ name }) => name);
    const paths = intent.files.map(({ path }) => path);
    try {
      return await this.observe.see(names, paths);
    } catch {
      return { settings: Object.fromEntries(names.map((name) => [name, null])), files: {} };
    }
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
    const change: Change = this.journal.get(id);
    return change.outcome === 'pending' ? undefined : change;
  }
}

function toSettingChange(live: LiveSettings, name: string, requested: number): SettingChange {
  const setting = live.settings.find((candidate) => candidate.name === name);
  if (setting?.value === undefined) {
    throw new ConntrackError(
      'KERNEL_UNREADABLE',
      `${name} cannot be read, so a change of it could not be undone: ${setting?.unreadable ?? 'it is gone'}.`,
    );
  }
  if (requested !== setting.value && !setting.writable) {
    throw new ConntrackError(
      'SETTING_NOT_WRITABLE',
      `${setting.key} cannot be written here: ${setting.notWritable ?? 'no reason known'}.`,
      {
        errors: [{ field: `settings.${name}`, expected: 'a setting that is writable here', found: String(requested) }],
      },
    );
  }
  return { name, before: setting.value, requested };
}

function judgeAll(intent: Intent, observed: Observation): 'applied' | 'adjusted' {
  const asAsked = intent.settings.every(({ name, requested }) => observed.settings[name] === requested);
  return asAsked ? 'applied' : 'adjusted';
}

function toFailure(error: unknown): Failure {
  if (!(error instanceof ConntrackError)) return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  const { errno } = error.details;
  return { code: error.code, message: error.message, ...(errno === undefined ? {} : { errno }) };
}
