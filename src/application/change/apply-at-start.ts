import { Injectable } from '@nestjs/common';
import type { ClosedChange } from '../../domain/change.ts';
import type { LiveSetting, LiveSettings, SettingName, SettingValues } from '../../domain/setting.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS, serviceCaller } from './change-terms.ts';
import { Confirmations } from './confirmations.ts';
import { lastConfirmedChange } from './last-confirmed.ts';
import type { WantedChange } from './plan-change.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';

/**
 * Re-applies, after a reboot, the values that changes of this service set: for hosts where boot files cannot hold them. A value that another
 * writer changed since the boot is left alone; it is recorded as drift.
 */
@Injectable()
export class ApplyAtStart {
  constructor(
    private readonly host: ChangeHost,
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
    private readonly confirmations: Confirmations,
  ) {}

  /**
   * @returns the recorded change; `undefined` where there is nothing to re-apply
   *
   * @throws ConntrackError as `ChangeHost.perform`; `CONNTRACK_NOT_LOADED`; `SETTING_NOT_WRITABLE` if none of the values can be written
   */
  async run(): Promise<ClosedChange | undefined> {
    if (Object.keys(this.toApply(await this.kernel.read())).length === 0) return undefined;
    return this.host.perform(serviceCaller('apply-at-start'), PLAIN_TERMS, (live) => this.decide(live));
  }

  /** Settings that cannot be written here are left alone, and the outcome is then `diverged`. If none can be written, the plan refuses. */
  private decide(live: LiveSettings): WantedChange {
    const wanted = this.toApply(live);
    const isWritable = (name: SettingName): boolean => live.settings.some((setting) => setting.name === name && setting.writable);
    const writable = Object.entries(wanted).filter(([name]) => isWritable(name));
    const settings = writable.length > 0 ? Object.fromEntries(writable) : wanted;
    const leftAlone = Object.keys(wanted).filter((name) => !Object.hasOwn(settings, name));
    const notWritable = leftAlone.length > 0 ? `; not writable here: ${leftAlone.join(', ')}` : '';
    const reason = `re-applied at start: the values that changes of this service set before the reboot${notWritable}`;
    return { kind: 'reapply', reason, rollbackOf: null, relatesTo: null, settings, files: [], persist: null, leftAlone: leftAlone.length };
  }

  private toApply({ settings, bootId }: LiveSettings): SettingValues {
    if (bootId === undefined) return {};
    return Object.fromEntries(settings.flatMap((setting) => this.recordedValue(setting, bootId)));
  }

  private recordedValue({ name, value }: LiveSetting, bootId: string): (readonly [SettingName, number])[] {
    const change = value !== undefined && !this.isPending(name, bootId) ? this.lastConfirmed(name) : undefined;
    const recorded = change?.observed.settings[name];
    return typeof recorded !== 'number' || recorded === value || change?.bootId === bootId ? [] : [[name, recorded]];
  }

  private isPending(name: SettingName, bootId: string): boolean {
    const { settings, windows } = this.confirmations.current();
    const pending = settings.get(name);
    return pending !== undefined && windows.get(pending.under)?.change.bootId === bootId;
  }

  private lastConfirmed(name: SettingName): ClosedChange | undefined {
    return lastConfirmedChange(this.journal, (change) => this.confirmations.windowOf(change), name);
  }
}
