import type { SettingName } from '../setting.ts';

export const ON_DRIFT = ['report', 'restore'] as const;
export const RESTORES_PER_DAY_DEFAULT = 2;
export const RESTORES_PER_DAY_MAX = 100;

/** What a setting should be. Exactly one of `equals` and `atLeast` is present. */
export interface DesiredSetting {
  readonly equals?: number;
  readonly atLeast?: number;
  /** What happens when another program has set another value. `report`: it is recorded as drift, and nothing else. */
  readonly onDrift: (typeof ON_DRIFT)[number];
}

/** Replaced as a whole. */
export interface DesiredState {
  readonly settings: Readonly<Record<SettingName, DesiredSetting>>;
  /** How often a setting is restored within 24 h. */
  readonly restoresPerDay: number;
}

export const NOTHING_DESIRED: DesiredState = { settings: {}, restoresPerDay: RESTORES_PER_DAY_DEFAULT };

export function isMet(name: SettingName, { equals, atLeast }: DesiredSetting, value: number): boolean {
  if (atLeast === undefined) return value === equals;
  return value >= atLeast || isUnlimited(name, value);
}

/** The value to write where the setting differs. */
export function targetOf({ equals, atLeast }: DesiredSetting): number {
  return equals ?? atLeast ?? NaN;
}

export function expectationOf(desired: DesiredSetting): string {
  return desired.atLeast === undefined ? String(desired.equals) : `at least ${desired.atLeast}`;
}

/** A max of 0 does not limit the table. */
function isUnlimited(name: SettingName, value: number): boolean {
  return name === 'max' && value === 0;
}
