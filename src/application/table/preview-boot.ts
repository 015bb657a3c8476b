import { Injectable } from '@nestjs/common';
import { differencesAtBoot, type BootDifference } from '../../domain/boot/compare/boot-differences.ts';
import type { BootFilesFound, BootInput } from '../../domain/boot/boot-input.ts';
import type { BootFinding } from '../../domain/boot/boot-finding.ts';
import type { BootResult } from '../../domain/boot/boot-result.ts';
import { fromOtherNamespace, isOfHost } from '../../domain/boot/other-namespace.ts';
import { resolveBoot } from '../../domain/boot/resolve-boot.ts';
import type { FileChange } from '../../domain/change.ts';
import type { EditedFile } from '../../domain/persist-options.ts';
import type { Layout } from '../../domain/layout.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { BootSourceFiles } from '../ports/boot-sources.ts';
import { Clock } from '../ports/clock.ts';
import { KernelBoot, KernelSettings } from '../ports/kernel.ts';

const RECENT_MILLISECONDS = 10_000;

/** The result of the next boot, with the live and the persisted values to compare it with. */
export interface BootView {
  readonly preview: BootResult;
  readonly live: LiveSettings;
  readonly persisted: SettingValues;
  readonly differences: readonly BootDifference[];
}

/** What the boot files of this service set, and those that another program has edited. */
interface OwnFiles {
  readonly persisted: SettingValues;
  readonly edited: readonly EditedFile[];
}

/** Computes the value of every conntrack setting after the next boot. Reads files and writes nothing. */
@Injectable()
export class PreviewBoot {
  private last: { readonly at: number; readonly view: Promise<BootView> } | undefined;
  /** The last result without planned files, and what it depends on. */
  private resolved: { readonly files: BootFilesFound; readonly kernel: string; readonly boot: BootResult } | undefined;
  /** The last reading of the boot files of this service, and what it depends on. */
  private own: { readonly files: BootFilesFound; readonly layout: Layout; readonly found: OwnFiles } | undefined;

  constructor(
    private readonly settings: KernelSettings,
    private readonly kernel: KernelBoot,
    private readonly sources: BootSourceFiles,
    private readonly bootFiles: BootFiles,
    private readonly clock: Clock,
  ) {}

  /** The same, up to 10 s old: for callers that need it often. @throws as `view` */
  recent(): Promise<BootView> {
    const now = this.clock.bootMilliseconds();
    if (this.last && now - this.last.at < RECENT_MILLISECONDS) return this.last.view;
    const last = { at: now, view: this.view() };
    this.last = last;
    // A failure is not kept: the next caller tries again.
    last.view.catch(() => {
      if (this.last === last) this.last = undefined;
    });
    return last.view;
  }

  /** Works while connection tracking is not loaded, too. @throws ConntrackError as `KernelSettings.readIfLoaded`; `BOOT_FILE_NOT_MANAGED` */
  async view(namespace?: string): Promise<BootView> {
    const live = await this.settings.readIfLoaded(namespace);
    const { boot, persisted, edited } = await this.now(live);
    return {
      preview: { ...boot, findings: [...boot.findings, ...edited.map(editedFinding)] },
      live,
      persisted,
      differences: differencesAtBoot(live, boot, persisted),
    };
  }

  /**
   * The result of the next boot, and the boot files of this service as far as they apply to the network namespace.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED`
   */
  async now(live: LiveSettings): Promise<OwnFiles & { readonly boot: BootResult }> {
    const input = await this.input(live, []);
    const { persisted, edited } = await this.ownFiles(live.layout, input.files);
    return { boot: ofNamespace(live, this.resolve(input)), persisted: applicable(live, persisted), edited };
  }

  /** The result of the next boot once `files` are written. */
  async afterwards(live: LiveSettings, files: readonly FileChange[]): Promise<BootResult> {
    const input = await this.input(live, files);
    return ofNamespace(live, files.length > 0 ? resolveBoot(input) : this.resolve(input));
  }

  /** Computes only if something has changed: `BootSourceFiles` returns the same object while no file has. */
  private resolve(input: BootInput): BootResult {
    const { files } = input;
    const kernel = JSON.stringify(input.kernel);
    if (this.resolved?.files !== files || this.resolved.kernel !== kernel) this.resolved = { files, kernel, boot: resolveBoot(input) };
    return this.resolved.boot;
  }

  /** Everything that the result of a boot depends on, once `files` are written. */
  async input(live: LiveSettings, files: readonly FileChange[]): Promise<BootInput> {
    const planned = Object.fromEntries(files.map(({ path, after }) => [path, after]));
    return { files: await this.sources.read(live.layout, planned), kernel: await this.kernel.read() };
  }

  /** Reads only if something has changed, as {@link resolve}. `files` are those of before, so that a later change is noticed next time. */
  private async ownFiles(layout: Layout, files: BootFilesFound): Promise<OwnFiles> {
    if (this.own?.files === files && this.own.layout === layout) return this.own.found;
    const found = { persisted: await this.bootFiles.persisted(layout), edited: await this.bootFiles.edited(layout) };
    this.own = { files, layout, found };
    return found;
  }
}

function ofNamespace({ notPersistable }: LiveSettings, boot: BootResult): BootResult {
  return notPersistable === undefined ? boot : fromOtherNamespace(boot, notPersistable);
}

function applicable({ notPersistable }: LiveSettings, persisted: SettingValues): SettingValues {
  if (notPersistable === undefined) return persisted;
  return Object.fromEntries(Object.entries(persisted).filter(([name]) => isOfHost(name)));
}

function editedFinding({ path, unknownLines }: EditedFile): BootFinding {
  const lines =
    unknownLines.length === 0
      ? ''
      : ` It contains ${unknownLines.map(({ text }) => JSON.stringify(text)).join(', ')}, which this service does not write.`;
  return {
    code: 'OWN_FILE_EDITED',
    level: 'warning',
    message: `${path} was edited manually since this service wrote it.${lines}`,
    remedy: 'Persist again and acknowledge BOOT_FILE_EDITED: the file is replaced, and a rollback restores the edited version.',
    settings: [],
    lines: unknownLines,
  };
}
