import { Injectable } from '@nestjs/common';
import { differencesAtBoot, type BootDifference } from '../../domain/boot/compare/boot-differences.ts';
import type { BootFilesFound, BootInput } from '../../domain/boot/boot-input.ts';
import type { BootFinding } from '../../domain/boot/boot-finding.ts';
import type { BootResult } from '../../domain/boot/boot-result.ts';
import { fromOtherNamespace, isOfHost } from '../../domain/boot/other-namespace.ts';
import { resolveBoot } from '../../domain/boot/resolve-boot.ts';
import type { FileChange } from '../../domain/change.ts';
import type { EditedFile } from '../../domain/persist-options.ts';
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

/** Computes the value of every conntrack setting after the next boot. Reads files and writes nothing. */
@Injectable()
export class PreviewBoot {
  private last: { readonly at: number; readonly view: Promise<BootView> } | undefined;
  /** The last result without planned files, and what it depends on. */
  private resolved: { readonly files: BootFilesFound; readonly kernel: string; readonly boot: BootResult } | undefined;

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
    const persisted = await this.persisted(live);
    const preview = await this.afterwards(live, []);
    const edited = await this.bootFiles.edited(live.layout);
    return {
      preview: { ...preview, findings: [...preview.findings, ...edited.map(editedFinding)] },
      live,
      persisted,
      differences: differencesAtBoot(live, preview, persisted),
    };
  }

  /** The result of the next boot once `files` are written. */
  async afterwards(live: LiveSettings, files: readonly FileChange[]): Promise<BootResult> {
    const input = await this.input(live, files);
    const boot = files.length > 0 ? resolveBoot(input) : this.resolve(input);
    return live.notPersistable === undefined ? boot : fromOtherNamespace(boot, live.notPersistable);
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

  /** The values in the boot files of this service that apply to the network namespace. @throws ConntrackError `BOOT_FILE_NOT_MANAGED` */
  async persisted({ layout, notPersistable }: LiveSettings): Promise<SettingValues> {
    const persisted = await this.bootFiles.persisted(layout);
    if (notPersistable === undefined) return persisted;
    return Object.fromEntries(Object.entries(persisted).filter(([name]) => isOfHost(name)));
  }
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
