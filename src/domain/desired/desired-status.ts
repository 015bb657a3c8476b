import type { SettingName } from '../setting.ts';
import type { DesiredHistory, Restore } from './desired-history.ts';
import { expectationOf, isMet, type DesiredSetting, type DesiredState } from './desired-state.ts';

const DAY_MILLISECONDS = 86_400_000;

export const DESIRED_STATES = ['met', 'differs', 'restoring', 'overridden', 'CONTESTED', 'unreadable'] as const;

export interface DesiredStatus {
  readonly name: SettingName;
  readonly desired: DesiredSetting;
  /** The live value; absent if it cannot be read. */
  readonly value?: number;
  readonly state: (typeof DESIRED_STATES)[number];
  readonly reason: string;
  /** Within the last 24 h, oldest first. */
  readonly restores: readonly Restore[];
}

/** @param value the live value */
export function desiredStatus(
  name: SettingName,
  { settings, restoresPerDay }: DesiredState,
  value: number | undefined,
  history: DesiredHistory,
  now: Date,
): DesiredStatus {
  const desired = settings[name] as DesiredSetting;
  const restores = history.restores.filter(({ at }) => now.getTime() - at.getTime() < DAY_MILLISECONDS);
  const known = { name, desired, restores, ...(value !== undefined && { value }) };
  if (value === undefined) return { ...known, state: 'unreadable', reason: 'This host has no such setting now, or it cannot be read.' };
  if (isMet(name, desired, value)) return { ...known, state: 'met', reason: `${name} is ${value}.` };
  const found = `${name} is ${value}, expected ${expectationOf(desired)}`;
  const by = history.drift ? `, since change ${history.drift.change} (${history.drift.by})` : '';
  if (history.overriddenBy) {
    const { change, by: name } = history.overriddenBy;
    return {
      ...known,
      state: 'overridden',
      reason: `${found}: change ${change} by ${name} decided otherwise. PUT /api/v1/desired ends this.`,
    };
  }
  if (desired.onDrift === 'report') return { ...known, state: 'differs', reason: `${found}${by}.` };
  if (restores.length < restoresPerDay) return { ...known, state: 'restoring', reason: `${found}${by}.` };
  const writers = restores.map(({ drift, by: writer }) => `change ${drift}, ${writer}`).join('; ');
  const reason = `${found}${by}. It was restored ${restores.length} times within 24 h (${writers}), and restoresPerDay is ${restoresPerDay}.`;
  return { ...known, state: 'CONTESTED', reason };
}
