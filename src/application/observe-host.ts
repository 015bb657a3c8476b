import { Injectable } from '@nestjs/common';
import type { Observation } from '../domain/change.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { SettingName } from '../domain/setting.ts';
import { BootFiles } from './ports/boot-files.ts';
import { KernelSettings } from './ports/kernel.ts';

/** Sees settings and boot files as they are. */
@Injectable()
export class ObserveHost {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly bootFiles: BootFiles,
  ) {}

  async see(names: readonly SettingName[], paths: readonly string[]): Promise<Observation> {
    const values = new Map((await this.kernel.read()).settings.map(({ name, value }) => [name, value]));
    return {
      settings: Object.fromEntries(names.map((name) => [name, values.get(name) ?? null])),
      files: await this.filesAt(paths),
    };
  }

  /** A link or a directory that somebody put in a file's place must not stop a change from being settled: it is not among the files seen. */
  private async filesAt(paths: readonly string[]): Promise<Observation['files']> {
    try {
      return await this.bootFiles.read(paths);
    } catch (error) {
      if (error instanceof ConntrackError && error.code === 'BOOT_FILE_FOREIGN') return {};
      throw error;
    }
  }
}
