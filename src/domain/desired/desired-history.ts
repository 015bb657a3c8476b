import { tookEffect, type Change } from '../change.ts';
import type { SettingName } from '../setting.ts';
import { isMet, type DesiredSetting } from './desired-state.ts';

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
  /** Oldest first. */
  readonly restores: readonly Restore[];
  /** Someone set another value through this service since the state was configured: their decision stands. */
  readonly overriddenBy?: { readonly change: number; readonly by: string };
  /** The drift that is in effect now. */
  readonly drift?: { readonly change: number; readonly by: string };
}

/**
 * What became of a setting since its desired state was configured. A value that a reboot reset is restored without being counted: no program
 * contests it.
 *
 * @param changes of the setting, oldest first
 * @param before the newest change before them
 */
export function desiredHistory(name: SettingName, desired: DesiredSetting, changes: Iterable<Change>, before?: Change): DesiredHistory {
  const restores: Restore[] = [];
  let overriddenBy: DesiredHistory['overriddenBy'];
  let [secondLast, last]: readonly (Change | undefined)[] = [undefined, before];
  for (const change of changes) {
    const value = tookEffect(change) ? change.observed.settings[name] : undefined;
    if (value === undefined || value === null) continue;
    const { tokenId } = change.actor;
    if (tokenId === DESIRED_ID) {
      if (last?.kind === 'drift' && last !== before && (secondLast?.bootId ?? last.bootId) === last.bootId)
        restores.push({ change: change.id, at: change.startedAt, drift: last.id, by: writerOf(last) });
    } else if (isMet(name, desired, value)) {
      overriddenBy = undefined;
    } else if (change.kind !== 'drift' && tokenId !== SERVICE_ID) {
      overriddenBy = { change: change.id, by: change.actor.name };
    }
    [secondLast, last] = [last, change];
  }
  return {
    restores,
    ...(overriddenBy && { overriddenBy }),
    ...(last?.kind === 'drift' && { drift: { change: last.id, by: writerOf(last) } }),
  };
}

function writerOf({ reason, actor }: Change): string {
  return reason ?? actor.name;
}
