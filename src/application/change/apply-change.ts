import { Injectable } from '@nestjs/common';
import { valuesAtBoot } from '../../domain/boot/compare/boot-differences.ts';
import type { Failure, FileChange, FileContent, Intent, Observation, Outcome, SettingChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import { isNamespaceGone } from '../../domain/namespace-errors.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';
import { toFailure } from '../../domain/to-failure.ts';
import { judgeWrite } from '../../domain/verdict.ts';
import { ObserveHost } from './observe-host.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { Clock } from '../ports/clock.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { PreviewBoot } from '../table/preview-boot.ts';

/** What the plan promised for the next boot. */
export interface PromisedBoot {
  readonly live: LiveSettings;
  /** Settings that are persisted. */
  readonly names: readonly SettingName[];
  /** Absent: the kernel's default. */
  readonly values: Readonly<Record<SettingName, number>>;
}

type Written = Pick<Intent, 'namespace' | 'settings' | 'files'>;

/** Writes what a durable intent asks for to the kernel and the boot files, all or nothing. To be called in an open turn at the gate only. */
@Injectable()
export class ApplyChange {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly bootFiles: BootFiles,
    private readonly observe: ObserveHost,
    private readonly previewBoot: PreviewBoot,
    private readonly clock: Clock,
  ) {}

  /**
   * Never throws: whatever happens is an outcome to be recorded.
   *
   * @param promised checked once everything is written; if the files lead to another result, everything is rolled back
   */
  async run(intent: Intent, promised: PromisedBoot | null): Promise<Outcome> {
    const written: SettingChange[] = [];
    let files: readonly FileChange[] = [];
    try {
      for (const setting of intent.settings) {
        if (setting.requested === setting.before) continue;
        written.push(setting);
        await this.writeAndCheck(setting, intent.namespace);
      }
      await this.bootFiles.apply(intent.files);
      files = intent.files;
      const observed = await this.tryObserve(intent);
      requireAsWritten(files, observed);
      if (promised) await this.requireAtBoot(promised);
      return { outcome: settingsVerdict(intent, observed), observed, completedAt: this.clock.now() };
    } catch (error) {
      return this.rollBack(intent, { ...intent, settings: written, files }, toFailure(error));
    }
  }

  private async writeAndCheck({ name, requested }: SettingChange, namespace: NamespaceRef | undefined): Promise<void> {
    const after = await this.kernel.write(name, requested, namespace);
    if (judgeWrite(name, requested, after) === 'not-effective') {
      throw new ConntrackError('WRITE_NOT_EFFECTIVE', `The kernel accepted ${requested} for ${name}, but reports ${after}.`);
    }
  }

  /** Resolves the boot again from the files as they now are: the result must be the one that the plan showed. */
  private async requireAtBoot({ live, names, values }: PromisedBoot): Promise<void> {
    const now = valuesAtBoot(await this.previewBoot.afterwards(live, []));
    const other = names.find((name) => now[name] !== values[name]);
    if (other === undefined) return;
    const [planned, found] = [values[other], now[other]].map((value) => value ?? 'the kernel’s default');
    throw new ConntrackError(
      'BOOT_RESULT_CHANGED',
      `The plan was that ${other} is ${planned} at the next boot. With the files written it is ${found}.`,
      { remedy: 'GET /api/v1/boot shows the line that decides. Check it, then repeat the change.' },
    );
  }

  private async rollBack(intent: Intent, written: Written, failure: Failure): Promise<Outcome> {
    const notRestored = await this.restore(written);
    const restoreFailure = failure.code === 'RESTORE_FAILED' ? failure : notRestored;
    const ending = { observed: await this.tryObserve(intent), completedAt: this.clock.now() };
    if (restoreFailure) return { outcome: 'restore-failed', failure, restoreFailure, ...ending };
    return { outcome: failure.code === 'WRITE_NOT_EFFECTIVE' ? 'not-effective' : 'failed', failure, ...ending };
  }

  /** In reverse order. Each one is restored even if another one fails. @returns the first failure */
  private async restore({ namespace, settings, files }: Written): Promise<Failure | undefined> {
    const steps = [
      ...files.toReversed().map((file) => () => this.restoreFile(file)),
      ...settings.toReversed().map((setting) => () => this.restoreSetting(setting, namespace)),
    ];
    let first: Failure | undefined;
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        // The values are gone with their namespace.
        if (!isNamespaceGone(error)) first ??= toFailure(error);
      }
    }
    return first;
  }

  private async restoreSetting({ name, before }: SettingChange, namespace: NamespaceRef | undefined): Promise<void> {
    if ((await this.observe.run([name], [], namespace)).settings[name] === before) return;
    await this.writeAndCheck({ name, before, requested: before }, namespace);
  }

  /** Whatever the file holds now: it was written moments ago, so an unexpected text is taken for a torn write. */
  private async restoreFile({ path, before }: FileChange): Promise<void> {
    const found = await this.contentOf(path);
    if (found === before) return;
    await this.bootFiles.apply([{ path, before: found, after: before }]);
    if ((await this.contentOf(path)) !== before) throw notAsWritten(path);
  }

  private async contentOf(path: string): Promise<FileContent> {
    return (await this.bootFiles.read([path]))[path] ?? null;
  }

  /** What cannot be observed is `null` in the record: the change must be closed even then. */
  private async tryObserve(intent: Intent): Promise<Observation> {
    const names = intent.settings.map(({ name }) => name);
    const paths = intent.files.map(({ path }) => path);
    try {
      return await this.observe.run(names, paths, intent.namespace);
    } catch {
      return { settings: Object.fromEntries(names.map((name) => [name, null])), files: {} };
    }
  }
}

/** A file that cannot be observed counts as not written either. */
function requireAsWritten(files: readonly FileChange[], observed: Observation): void {
  const other = files.find(({ path, after }) => observed.files[path] !== after);
  if (other) throw notAsWritten(other.path);
}

function notAsWritten(path: string): ConntrackError {
  return new ConntrackError('WRITE_NOT_EFFECTIVE', `Writing ${path} reported no error, but the file does not read back as written.`);
}

/**
 * Each setting was already read back when it was written. One that has another value once everything is written, or can no longer be read,
 * is not `applied`.
 */
function settingsVerdict({ settings }: Intent, observed: Observation): 'applied' | 'adjusted' | 'diverged' {
  const verdicts = settings.map(({ name, requested }) => judgeWrite(name, requested, observed.settings[name] ?? null));
  if (verdicts.includes('not-effective')) return 'diverged';
  return verdicts.includes('adjusted') ? 'adjusted' : 'applied';
}
