import { Injectable } from '@nestjs/common';
import type { Failure, Intent, Observation, Outcome, SettingChange } from '../domain/change.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { judgeWrite } from '../domain/verdict.ts';
import { ObserveHost } from './observe-host.ts';
import { BootFiles } from './ports/boot-files.ts';
import { Clock } from './ports/clock.ts';
import { KernelSettings } from './ports/kernel.ts';

/** Moves the host as a durable intent says, all or nothing, and tells what was seen. To be called in the writer lane only. */
@Injectable()
export class CarryOut {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly bootFiles: BootFiles,
    private readonly observe: ObserveHost,
    private readonly clock: Clock,
  ) {}

  /** Never throws: whatever happens is an outcome to be recorded. */
  async run(intent: Intent): Promise<Outcome> {
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
}

/** Rows say what was seen: a value or a file that is not as asked when it is looked at, or cannot be looked at, is not `applied`. */
function judgeAll({ settings, files }: Intent, seen: Observation): 'applied' | 'adjusted' | 'diverged' {
  const verdicts = settings.map(({ name, requested }) => judgeWrite(name, requested, seen.settings[name] ?? null));
  if (verdicts.includes('mismatch') || files.some(({ path, after }) => seen.files[path] !== after)) return 'diverged';
  return verdicts.includes('adjusted') ? 'adjusted' : 'applied';
}

export function toFailure(error: unknown): Failure {
  if (!(error instanceof ConntrackError)) return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  const { errno } = error.details;
  return { code: error.code, message: error.message, ...(errno === undefined ? {} : { errno }) };
}
