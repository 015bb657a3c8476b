import { Injectable } from '@nestjs/common';
import type { Failure, FileChange, FileContent, Intent, Observation, Outcome, SettingChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { judgeWrite } from '../../domain/verdict.ts';
import { ObserveHost } from './observe-host.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { Clock } from '../ports/clock.ts';
import { KernelSettings } from '../ports/kernel.ts';

/** Moves the host as a durable intent says, all or nothing, and tells what was seen. To be called in the writer lane only. */
@Injectable()
export class ApplyChange {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly bootFiles: BootFiles,
    private readonly observe: ObserveHost,
    private readonly clock: Clock,
  ) {}

  /**
   * Never throws: whatever happens is an outcome to be recorded.
   *
   * @param verify looks at the host once all is written; what it throws undoes the change
   */
  async run(intent: Intent, verify?: () => Promise<void>): Promise<Outcome> {
    const written: SettingChange[] = [];
    let files: readonly FileChange[] = [];
    try {
      for (const setting of intent.settings) {
        if (setting.requested === setting.before) continue;
        written.push(setting);
        await this.writeAndCheck(setting);
      }
      await this.bootFiles.apply(intent.files);
      files = intent.files;
      const observed = await this.see(intent);
      requireAsWritten(files, observed);
      await verify?.();
      return { outcome: judgeSettings(intent, observed), observed, completedAt: this.clock.now() };
    } catch (error) {
      return this.undo(intent, { settings: written, files }, toFailure(error));
    }
  }

  private async writeAndCheck({ name, requested }: SettingChange): Promise<void> {
    const after = await this.kernel.write(name, requested);
    if (judgeWrite(name, requested, after) === 'not-effective') {
      throw new ConntrackError('WRITE_NOT_EFFECTIVE', `The kernel accepted ${requested} for ${name} and reports ${after}.`);
    }
  }

  private async undo(intent: Intent, written: Pick<Intent, 'settings' | 'files'>, failure: Failure): Promise<Outcome> {
    const notPutBack = await this.putBack(written);
    const restoreFailure = failure.code === 'RESTORE_FAILED' ? failure : notPutBack;
    const closing = { observed: await this.see(intent), completedAt: this.clock.now() };
    if (restoreFailure) return { outcome: 'restore-failed', failure, restoreFailure, ...closing };
    return { outcome: failure.code === 'WRITE_NOT_EFFECTIVE' ? 'not-effective' : 'failed', failure, ...closing };
  }

  /** In reverse. Every one is tried, whatever happens to the others. */
  private async putBack({ settings, files }: Pick<Intent, 'settings' | 'files'>): Promise<Failure | undefined> {
    const steps = [
      ...files.toReversed().map((file) => () => this.restoreFile(file)),
      ...settings.toReversed().map((setting) => () => this.restoreSetting(setting)),
    ];
    let first: Failure | undefined;
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        first ??= toFailure(error);
      }
    }
    return first;
  }

  private async restoreSetting({ name, before }: SettingChange): Promise<void> {
    if ((await this.observe.see([name], [])).settings[name] === before) return;
    await this.writeAndCheck({ name, before, requested: before });
  }

  /** Whatever it holds now: it was written a moment ago, so a text that nobody asked for is taken for a part of that write. */
  private async restoreFile({ path, before }: FileChange): Promise<void> {
    const found = await this.contentOf(path);
    if (found === before) return;
    await this.bootFiles.apply([{ path, before: found, after: before }]);
    if ((await this.contentOf(path)) !== before) throw notAsWritten(path);
  }

  private async contentOf(path: string): Promise<FileContent> {
    return (await this.bootFiles.read([path]))[path] ?? null;
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

/** A file that cannot be looked at is not as it was written either. */
function requireAsWritten(files: readonly FileChange[], seen: Observation): void {
  const other = files.find(({ path, after }) => seen.files[path] !== after);
  if (other) throw notAsWritten(other.path);
}

function notAsWritten(path: string): ConntrackError {
  return new ConntrackError('WRITE_NOT_EFFECTIVE', `${path} was written without an error and does not read back as written.`);
}

/** Each was read back when it was written: one that is another when all is done, or cannot be looked at any more, is not `applied`. */
function judgeSettings({ settings }: Intent, seen: Observation): 'applied' | 'adjusted' | 'diverged' {
  const verdicts = settings.map(({ name, requested }) => judgeWrite(name, requested, seen.settings[name] ?? null));
  if (verdicts.includes('not-effective')) return 'diverged';
  return verdicts.includes('adjusted') ? 'adjusted' : 'applied';
}

export function toFailure(error: unknown): Failure {
  if (!(error instanceof ConntrackError)) return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  const { errno } = error.details;
  return { code: error.code, message: error.message, ...(errno === undefined ? {} : { errno }) };
}
