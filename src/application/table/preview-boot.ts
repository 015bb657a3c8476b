import { Injectable } from '@nestjs/common';
import { differencesAtBoot, type BootDifference } from '../../domain/boot/compare/boot-differences.ts';
import type { BootFinding } from '../../domain/boot/boot-finding.ts';
import type { BootResult } from '../../domain/boot/boot-result.ts';
import { resolveBoot } from '../../domain/boot/resolve-boot.ts';
import type { FileChange } from '../../domain/change.ts';
import type { EditedFile } from '../../domain/persist-options.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { BootSourceFiles } from '../ports/boot-sources.ts';
import { Clock } from '../ports/clock.ts';
import { KernelBoot, KernelSettings } from '../ports/kernel.ts';

const RECENT_MILLISECONDS = 10_000;

/** The next boot beside what is live and what this service persisted. */
export interface BootView {
  readonly preview: BootResult;
  readonly live: LiveSettings;
  readonly persisted: SettingValues;
  readonly differences: readonly BootDifference[];
}

/** What the next boot will make of every conntrack setting. Reads files and touches nothing. */
@Injectable()
export class PreviewBoot {
  private last: { readonly at: number; readonly view: Promise<BootView> } | undefined;

  constructor(
    private readonly settings: KernelSettings,
    private readonly kernel: KernelBoot,
    private readonly sources: BootSourceFiles,
    private readonly bootFiles: BootFiles,
    private readonly clock: Clock,
  ) {}

  /** The same, up to ten seconds old: for who asks often. @throws as `view` */
  recent(): Promise<BootView> {
    const now = this.clock.bootMilliseconds();
    if (!this.last || now - this.last.at >= RECENT_MILLISECONDS) this.last = { at: now, view: this.view() };
    return this.last.view;
  }

  /** @throws ConntrackError `CONNTRACK_NOT_LOADED`, `BOOT_FILE_NOT_MANAGED` */
  async view(): Promise<BootView> {
    const live = await this.settings.read();
    const persisted = await this.bootFiles.persisted(live.layout);
    const preview = await this.afterwards(live, []);
    const edited = await this.bootFiles.edited(live.layout);
    return {
      preview: { ...preview, findings: [...preview.findings, ...edited.map(editedFinding)] },
      live,
      persisted,
      differences: differencesAtBoot(live, preview, persisted),
    };
  }

  /** What the next boot would do once `files` are written. */
  async afterwards(live: LiveSettings, files: readonly FileChange[]): Promise<BootResult> {
    const planned = Object.fromEntries(files.map(({ path, after }) => [path, after]));
    return resolveBoot({ files: await this.sources.read(live.layout, planned), kernel: await this.kernel.read() });
  }
}

function editedFinding({ path, unknownLines }: EditedFile): BootFinding {
  const lines =
    unknownLines.length === 0
      ? ''
      : ` It holds ${unknownLines.map(({ text }) => JSON.stringify(text)).join(', ')}, which this service does not write.`;
  return {
    code: 'OWN_FILE_EDITED',
    level: 'warning',
    message: `${path} has been edited by hand since this service wrote it.${lines}`,
    remedy:
      'Persist again and acknowledge BOOT_FILE_EDITED: the file is written anew, and the edited one is kept in the record for a rollback.',
    settings: [],
    lines: unknownLines,
  };
}
