import { Injectable } from '@nestjs/common';
import { tookEffect, type ClosedChange } from '../../domain/change.ts';
import type { LiveSetting, LiveSettings, SettingName, SettingValues } from '../../domain/setting.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS } from './change-terms.ts';
import { changesOf } from './changes-of.ts';
import type { WantedChange } from './plan-change.ts';
import { Journal } from '../ports/journal.ts';
import { KernelSettings } from '../ports/kernel.ts';
import { serviceCaller } from './service-caller.ts';

/**
 * Sets again, after a reboot, what this service's own changes had set: for hosts whose files cannot hold it. What somebody moved since the
 * last boot is left alone; that is drift, and watched.
 */
@Injectable()
export class ApplyAtStart {
  constructor(
    private readonly host: ChangeHost,
    private readonly kernel: KernelSettings,
    private readonly journal: Journal,
  ) {}

  /**
   * The change that did it, `undefined` where there was nothing to do.
   *
   * @throws ConntrackError as `ChangeHost.perform`; `CONNTRACK_NOT_LOADED`
   */
  async run(): Promise<ClosedChange | undefined> {
    if (Object.keys(this.toApply(await this.kernel.read())).length === 0) return undefined;
    return this.host.perform(serviceCaller('apply-at-start'), PLAIN_TERMS, (live) => Promise.resolve(this.decide(live)));
  }

  private decide(live: LiveSettings): WantedChange {
    const reason = 'applied at start: what the service’s own changes had left before the host was rebooted';
    return { kind: 'reapply', reason, rollbackOf: null, relatesTo: null, settings: this.toApply(live), files: [], persist: null };
  }

  private toApply({ settings, bootId }: LiveSettings): SettingValues {
    if (bootId === undefined) return {};
    return Object.fromEntries(settings.flatMap((setting) => this.recorded(setting, bootId)));
  }

  private recorded({ name, value, writable }: LiveSetting, bootId: string): (readonly [SettingName, number])[] {
    const change = writable && value !== undefined ? this.lastOwn(name) : undefined;
    const left = change?.observed.settings[name];
    return typeof left !== 'number' || left === value || change?.bootId === bootId ? [] : [[name, left]];
  }

  private lastOwn(name: SettingName): ClosedChange | undefined {
    for (const change of changesOf(this.journal, name)) {
      if (change.kind !== 'drift' && tookEffect(change) && !this.isUnconfirmed(change)) return change;
    }
    return undefined;
  }

  /** A reboot has undone it. */
  private isUnconfirmed({ id, confirm }: ClosedChange): boolean {
    return confirm !== null && !this.journal.after(id).some(({ kind, relatesTo }) => kind === 'confirmation' && relatesTo === id);
  }
}
