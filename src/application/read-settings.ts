import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { Layout } from '../domain/layout.ts';
import type { LiveSetting } from '../domain/setting.ts';
import { BootFiles } from './ports/boot-files.ts';
import { KernelSettings } from './ports/kernel.ts';

/** A setting as it is live, and as our own boot files ask for it. */
export interface SettingView extends LiveSetting {
  readonly persisted?: number;
}

export interface SettingsView {
  readonly layout: Layout;
  readonly settings: readonly SettingView[];
}

@Injectable()
export class ReadSettings {
  constructor(
    private readonly kernel: KernelSettings,
    private readonly bootFiles: BootFiles,
  ) {}

  async all(): Promise<SettingsView> {
    const { layout, settings } = await this.kernel.read();
    const persisted = await this.bootFiles.persisted(layout);
    return {
      layout,
      settings: settings.map((setting) => {
        const value = persisted[setting.name];
        return value === undefined ? setting : { ...setting, persisted: value };
      }),
    };
  }

  /** @throws ConntrackError `SETTING_NOT_FOUND` */
  async one(name: string): Promise<SettingView> {
    const found = (await this.all()).settings.find((setting) => setting.name === name);
    if (!found) throw new ConntrackError('SETTING_NOT_FOUND', `This kernel has no conntrack setting ${name}.`);
    return found;
  }
}
