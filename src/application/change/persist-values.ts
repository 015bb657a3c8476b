import { Injectable } from '@nestjs/common';
import type { FileChange } from '../../domain/change.ts';
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

  /** @throws ConntrackError as `BootFiles.plan` */
  async plan(layout: Layout, { values, last }: Persisting): Promise<readonly FileChange[]> {
    return this.bootFiles.plan(layout, values, await this.options(last));
  }

  /** @throws ConntrackError as `BootFiles.plan` */
  async unplan(layout: Layout, originals: OriginalValues): Promise<readonly FileChange[]> {
    return this.bootFiles.unplan(layout, originals, await this.options(false));
  }

  private async options(last: boolean): Promise<PersistOptions> {
    const { builtIn, bucketsWritable } = await this.kernel.read();
    return { changeId: this.journal.nextId(), builtIn, bucketsSysctl: bucketsWritable, last };
  }
}
