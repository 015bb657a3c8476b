import { tookEffect, type Change } from '../change.ts';
import type { SettingName } from '../setting.ts';
import { isMet, RESTORES_PER_DAY_MAX, type DesiredSetting } from './desired-state.ts';

/** The token id of the desired state. Tokens cannot have it. */
export const DESIRED_ID = 'desired';
/** That of the service itself: it re-applies and reverts what others decided. */
const SERVICE_ID = 'service';

/** A change that restored the setting after another program had set another value. */
export interface Restore {
  readonly change: number;
  readonly at: Date;
  /** The change that recorded the other value. */
  readonly drift: number;
  /** The likely program, or that there is no evidence. */
  readonly by: string;
}

export interface DesiredHistory {
  /** The newest ones, oldest first. */
  readonly restores: readonly Restore[];
  /** Someone set another value through this service since the state was configured: their decision stands. */
  readonly overriddenBy?: { readonly change: number; readonly by: string };
  /** The drift that is in effect now. */
  readonly drift?: { readonly change: number; readonly by: string; readonly counts: boolean };
  /** Of the newest change. */
  readonly bootId?: string | null;
}

/** @param before the newest change of the setting when the state was configured: restoring it is not counted */
export function firstHistory(before: Change | undefined): DesiredHistory {
  if (!before) return { restores: [] };
  const drift = { change: before.id, by: writerOf(before), counts: false };
  return { restores: [], bootId: before.bootId, ...(before.kind === 'drift' && { drift }) };
}

/**
 * The history after one more change, the oldest first. A value that a reboot reset is restored without being counted: no program contests it.
 */
export function withChange(history: DesiredHistory, change: Change, name: SettingName, desired: DesiredSetting): DesiredHistory {
  const value = tookEffect(change) ? change.observed.settings[name] : undefined;
  if (value === undefined || value === null) return history;
  const { restores, overriddenBy, drift, bootId = change.bootId } = history;
  const { id, actor, startedAt } = change;
  const kept = overriddenBy && !isMet(name, desired, value) ? { overriddenBy } : {};
  const next = { restores, bootId: change.bootId };
  if (actor.tokenId === DESIRED_ID) {
    const restore = drift?.counts === true ? [{ change: id, at: startedAt, drift: drift.change, by: drift.by }] : [];
    return { ...next, restores: [...restores, ...restore].slice(-RESTORES_PER_DAY_MAX) };
  }
  if (change.kind === 'drift') return { ...next, ...kept, drift: { change: id, by: writerOf(change), counts: bootId === change.bootId } };
  const isDecision = actor.tokenId !== SERVICE_ID && !isMet(name, desired, value);
  return { ...next, ...kept, ...(isDecision && { overriddenBy: { change: id, by: actor.name } }) };
}

function writerOf({ reason, actor }: Change): string {
  return reason ?? actor.name;
}
