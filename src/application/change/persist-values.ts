import { Injectable } from '@nestjs/common';
import type { FileChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Layout } from '../../domain/layout.ts';
import type { OriginalValues, PersistOptions } from '../../domain/persist-options.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { Journal } from '../ports/journal.ts';
import { KernelBoot } from '../ports/kernel.ts';

export interface Persisting {
  readonly values: SettingValues;
  /** In a file whose name sorts after those of other tools. */
  readonly last: boolean;
}

/** Plans the boot files of the next change. To be called under the write lock, or for a preview. */
@Injectable()
export class PersistValues {
  constructor(
    private readonly bootFiles: BootFiles,
    private readonly kernel: KernelBoot,
    private readonly journal: Journal,
  ) {}

  /** @throws ConntrackError as `BootFiles.plan`; `KERNEL_UNREADABLE` for buckets without max */
  async plan(layout: Layout, { values, last }: Persisting): Promise<readonly FileChange[]> {
    requireSizes(layout, values);
    return this.bootFiles.plan(layout, values, await this.options(last));
  }

  /** @throws ConntrackError as `BootFiles.plan` */
  async unplan(layout: Layout, originals: OriginalValues): Promise<readonly FileChange[]> {
    return this.bootFiles.unplan(layout, originals, await this.options(false));
  }

  private async options(last: boolean): Promise<PersistOptions> {
    const { builtIn, bucketsWritable, maxByAlias = false } = await this.kernel.read();
    return { changeId: this.journal.nextId(), builtIn, bucketsSysctl: bucketsWritable, last, maxByAlias };
  }
}

/** The live values are persisted with those of the request, and a kernel may show only some of them. */
function requireSizes(layout: Layout, { max, buckets }: SettingValues): void {
  if (buckets === undefined || (max !== undefined && buckets >= 1)) return;
  const reason =
    max === undefined
      ? `max cannot be read on this host, and buckets persisted alone (${layout} hashsize=) would set max to 8 x buckets at the next boot`
      : `max and buckets are persisted together, and a table of ${buckets} buckets cannot be loaded at the next boot`;
  throw new ConntrackError('KERNEL_UNREADABLE', `${reason}.`, { remedy: 'Change the value without "persist".' });
}
