import { tookEffect, type Change } from '../change.ts';

/** The token id of the guard. Tokens cannot have it. */
export const GUARD_ID = 'guard';

/** The guard stops when another program has lowered `max` again this often. */
const ATTEMPTS = 2;

/** A change that lowered `max` after the guard had raised it. */
export interface Lowering {
  readonly change: number;
  readonly at: Date;
  /** For another program: its likely name, or that there is no evidence. For a person: the name of the token. */
  readonly by: string;
}

/** What became of the raises of the guard since it was configured. */
export interface GuardHistory {
  /** Raises that took effect. */
  readonly raises: number;
  /** The start of the latest attempt, whatever its outcome. */
  readonly lastAttempt?: Date;
  /** A person rolled a raise back or lowered `max` below it. */
  readonly suspendedBy?: Lowering;
  /** Other programs lowered `max` again; oldest first. */
  readonly lowered: readonly Lowering[];
  /** The newest raise, until something lowers `max` below it. */
  readonly raised?: { readonly value: number; readonly bootId: string | null };
}

/** Whether other programs lowered `max` so often that the guard has stopped. */
export function isContested({ lowered }: GuardHistory): boolean {
  return lowered.length >= ATTEMPTS;
}

export const NO_GUARD_HISTORY: GuardHistory = { raises: 0, lowered: [] };

/**
 * The history after one more change, the oldest first. A value that a reboot reset was not lowered by another program, so drift counts only
 * within the boot of the raise. One raise is lowered once.
 */
export function withGuardChange(before: GuardHistory, change: Change): GuardHistory {
  const isGuard = change.actor.tokenId === GUARD_ID;
  const history = isGuard ? { ...before, lastAttempt: change.startedAt } : before;
  const value = tookEffect(change) ? change.observed.settings['max'] : undefined;
  if (value === undefined || value === null) return history;
  if (isGuard) return { ...history, raises: history.raises + 1, raised: { value, bootId: change.bootId } };
  const { raised, ...rest } = history;
  return raised && value < raised.value && value !== 0 ? afterLowering(rest, change, raised.bootId) : history;
}

function afterLowering(history: GuardHistory, change: Change, bootId: string | null): GuardHistory {
  const lowering = { change: change.id, at: change.startedAt, by: change.actor.name };
  if (change.kind !== 'drift') return { ...history, suspendedBy: history.suspendedBy ?? lowering };
  if (change.bootId !== bootId) return history;
  return { ...history, lowered: [...history.lowered, { ...lowering, by: change.reason ?? lowering.by }] };
}
