import { Injectable } from '@nestjs/common';
import type { Observation, HostState } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { readTarget } from './change-target.ts';

/** Reads settings and boot files as they are now. */
@Injectable()
export class ObserveHost {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly bootFiles: BootFiles,
  ) {}

  /**
   * Only the named settings and files. A setting that cannot be read is `null`.
   *
   * @throws ConntrackError as `KernelSettings.read`; `NAMESPACE_REPLACED`
   */
  async run(names: readonly SettingName[], paths: readonly string[], namespace?: NamespaceRef): Promise<Observation> {
    const values =
      names.length === 0
        ? new Map<SettingName, number | undefined>()
        : valuesOf(await (namespace ? readTarget(this.kernel, namespace) : this.kernel.read()));
    return { settings: Object.fromEntries(names.map((name) => [name, values.get(name) ?? null])), files: await this.filesAt(paths) };
  }

  /** All settings of `live`, and for the service's own network namespace all boot files that it may write. */
  async state(live: LiveSettings): Promise<HostState> {
    // Boot files belong to the host.
    const files = live.namespace ? {} : await this.filesAt(this.bootFiles.paths(live.layout));
    const namespace = live.namespace?.identity;
    return {
      layout: live.layout,
      ...(namespace !== undefined && { namespace }),
      settings: Object.fromEntries([...valuesOf(live)].map(([name, value]) => [name, value ?? null])),
      files,
    };
  }

  /** A link or directory in place of a file must not keep a change from being settled: the file is then left out. */
  private async filesAt(paths: readonly string[]): Promise<Observation['files']> {
    try {
      return await this.bootFiles.read(paths);
    } catch (error) {
      if (error instanceof ConntrackError && error.code === 'BOOT_FILE_NOT_MANAGED') return {};
      throw error;
    }
  }
}

function valuesOf({ settings }: LiveSettings): ReadonlyMap<SettingName, number | undefined> {
  return new Map(settings.map(({ name, value }) => [name, value]));
}
