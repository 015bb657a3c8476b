import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { valuesAtBoot } from '../../domain/boot/compare/boot-differences.ts';
import type { BootResult } from '../../domain/boot/boot-result.ts';
import { notLoaded } from '../../domain/not-loaded.ts';
import { PERSISTED_TOGETHER } from '../../domain/persist-options.ts';
import { requireInRange } from '../../domain/require-in-range.ts';
import { unloadedRisk } from '../../domain/risks/next-boot-risks.ts';
import type { Risk } from '../../domain/risks/risk.ts';
import { assessRisks } from '../../domain/risks/setting-risks.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';
import { factsOf, isInCatalogue } from '../../domain/settings-catalogue.ts';
import type { ChangeTerms } from './change-terms.ts';
import { PersistValues } from './persist-values.ts';
import type { WantedChange } from './plan-change.ts';
import { KernelTable } from '../ports/kernel.ts';
import { PreviewBoot } from '../table/preview-boot.ts';

interface UnloadedRequest {
  readonly settings: SettingValues;
  readonly persist: boolean;
  readonly last?: boolean;
  readonly reason: string | null;
}

/** Decides on changes while connection tracking is not loaded: only the boot files can be written. */
@Injectable()
export class PersistUnloaded {
  constructor(
    private readonly persistValues: PersistValues,
    private readonly preview: PreviewBoot,
    private readonly table: KernelTable,
  ) {}

  /** @throws ConntrackError `CONNTRACK_NOT_LOADED` where live values are needed; `SETTING_UNKNOWN`, `VALUE_OUT_OF_RANGE` */
  async decide(live: LiveSettings, request: UnloadedRequest, { confirmWithinSeconds }: ChangeTerms): Promise<WantedChange> {
    const { settings, persist, last = false, reason } = request;
    if (!persist) throw notLoaded('there is no live value to change. With "persist": true, values are written to the boot files only');
    if (Object.keys(settings).length === 0) throw notLoaded('there are no live values to persist');
    if (confirmWithinSeconds !== null) throw notLoaded('without live values there is nothing to revert when a confirmation window ends');
    requireInCatalogue(settings);
    const boot = await this.preview.afterwards(live, []);
    const values = withCompanions(settings, valuesAtBoot(boot, 'with defaults'));
    const wanted = { values, last };
    const files = await this.persistValues.plan(live.layout, wanted);
    const risks = [unloadedRisk(), ...(await this.risksOf(values, boot))];
    return { kind: 'change', reason, rollbackOf: null, relatesTo: null, settings: {}, files, persist: wanted, risks };
  }

  /** The risks of the values at the next boot, when the table is empty. */
  private async risksOf(values: SettingValues, boot: BootResult): Promise<readonly Risk[]> {
    const now = valuesAtBoot(boot, 'with defaults');
    const steps = Object.entries(values).map(([name, requested]) => ({ name, before: now[name] ?? 0, requested }));
    const { max, buckets } = now;
    const table = { count: 0, ...(max !== undefined && { max }), ...(buckets !== undefined && { buckets }) };
    return assessRisks(steps, { ...(await this.table.facts()), ...table }, true);
  }
}

function requireInCatalogue(settings: SettingValues): void {
  const unknown = Object.keys(settings).filter((name) => !isInCatalogue(name));
  if (unknown.length > 0) {
    const message = `${unknown.join(', ')}: not a conntrack setting that this service knows. Connection tracking is not loaded, so the kernel cannot list its settings.`;
    const errors = unknown.map((name) => ({ field: `settings.${name}`, expected: 'the name of a conntrack setting', found: name }));
    throw new ConntrackError('SETTING_UNKNOWN', message, { errors });
  }
  requireInRange(settings, factsOf);
}

/** Adds the value of the next boot to max or buckets if only one of them is named. */
function withCompanions(settings: SettingValues, atBoot: SettingValues): SettingValues {
  const named = PERSISTED_TOGETHER.filter((name) => Object.hasOwn(settings, name));
  if (named.length === 0 || named.length === PERSISTED_TOGETHER.length) return settings;
  const companions = PERSISTED_TOGETHER.flatMap((name) => (atBoot[name] === undefined ? [] : [[name, atBoot[name]] as const]));
  const values = { ...Object.fromEntries(companions), ...settings };
  const missing = PERSISTED_TOGETHER.find((name) => values[name] === undefined);
  if (missing === undefined) return values;
  throw notLoaded(`max and buckets can only be persisted together, and the value of ${missing} at the next boot is unknown: name both`);
}
