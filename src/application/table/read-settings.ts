import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { BootSetting } from '../../domain/boot/boot-result.ts';
import type { Layout } from '../../domain/layout.ts';
import type { LiveSetting, SettingName } from '../../domain/setting.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { PreviewBoot } from './preview-boot.ts';

/** A setting with its live and its persisted value. */
export interface SettingView extends LiveSetting {
  readonly persisted?: number;
  readonly atNextBoot: AtNextBoot;
  /** Present while the live value was set by another writer; see the change of kind `drift`. */
  readonly drift?: Drift;
}

export interface Drift {
  /** The last known value before the drift. */
  readonly from: number;
  /** The change that records it. */
  readonly changeId: number;
  readonly seenAt: Date;
  /** The likely writer. */
  readonly evidence: string | null;
}

/** See `BootSetting`. */
export type AtNextBoot = Pick<BootSetting, 'value' | 'origin' | 'effective'>;

export interface SettingsView {
  readonly layout: Layout;
  /** Name of the network namespace; absent: that of the service. */
  readonly namespace?: string;
  readonly settings: readonly SettingView[];
}

@Injectable()
export class ReadSettings {
  /** Drift by setting, as of a head of the journal. */
  private drifts: { readonly head: string; readonly bySetting: Map<SettingName, Drift | undefined> } | undefined;

  constructor(
    private readonly kernel: KernelSettings,
    private readonly preview: PreviewBoot,
    private readonly journal: Journal,
  ) {}

  /** @throws ConntrackError as `KernelSettings.read`; `BOOT_FILE_NOT_MANAGED` */
  async all(namespace?: string): Promise<SettingsView> {
    const live = await this.kernel.read(namespace);
    const { layout, settings } = live;
    const { boot, persisted } = await this.preview.now(live);
    const drifts = this.driftsNow();
    const bootSettings = new Map(boot.settings.map((setting) => [setting.name, setting]));
    return {
      layout,
      ...(live.namespace && { namespace: live.namespace.name }),
      settings: settings.map((setting) => {
        const value = persisted[setting.name];
        // Drift is detected in the network namespace of the service only.
        const drift = live.namespace ? undefined : this.driftOf(setting.name, drifts);
        const atNextBoot = toAtNextBoot(bootSettings.get(setting.name));
        return { ...setting, ...(value !== undefined && { persisted: value }), atNextBoot, ...(drift && { drift }) };
      }),
    };
  }

  /** Only a new record changes them. */
  private driftsNow(): Map<SettingName, Drift | undefined> {
    const { sequence, hash } = this.journal.head();
    const head = `${String(sequence)}:${hash}`;
    if (this.drifts?.head !== head) this.drifts = { head, bySetting: new Map() };
    return this.drifts.bySetting;
  }

  private driftOf(name: SettingName, drifts: Map<SettingName, Drift | undefined>): Drift | undefined {
    if (!drifts.has(name)) drifts.set(name, this.recordedDrift(name));
    return drifts.get(name);
  }

  private recordedDrift(name: SettingName): Drift | undefined {
    const id = this.journal.lastToAlter(name, 0);
    const change = id === undefined ? undefined : this.journal.get(id);
    const drifted = change?.kind === 'drift' ? change.settings.find((setting) => setting.name === name) : undefined;
    return change && drifted && { from: drifted.before, changeId: change.id, seenAt: change.startedAt, evidence: change.reason };
  }

  /** @param view an earlier reading; absent: a new one. @throws ConntrackError `SETTING_NOT_FOUND` */
  async one(name: string, view?: SettingsView): Promise<SettingView> {
    const { settings } = view ?? (await this.all());
    const found = settings.find((setting) => setting.name === name);
    if (!found) throw new ConntrackError('SETTING_NOT_FOUND', `This kernel has no conntrack setting ${name}.`);
    return found;
  }
}

function toAtNextBoot(setting: BootSetting | undefined): AtNextBoot {
  if (!setting) return { origin: 'unknown' };
  const { value, origin, effective } = setting;
  return { ...(value !== undefined && { value }), origin, ...(effective && { effective }) };
}
