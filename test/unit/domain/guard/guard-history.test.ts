import { describe, expect, it } from 'vitest';
import type { Change, ChangeKind, Intent } from '../../../../src/domain/change.ts';
import { isContested, NO_GUARD_HISTORY, withGuardChange, type GuardHistory } from '../../../../src/domain/guard/guard-history.ts';
import { intent } from '../../../support/intent.ts';

const GUARD = { tokenId: 'guard', name: 'guard', peer: 'local' };
const OUTSIDER = { tokenId: 'external', name: 'external', peer: 'local' };

/** Changes of max, numbered from 1. */
function changes(...steps: readonly (Partial<Intent> & { readonly to: number; readonly failed?: true })[]): readonly Change[] {
  return steps.map(({ to, failed, ...parts }, index) => {
    const ending = { completedAt: new Date(0), observed: { settings: { max: to }, files: {} } };
    const failure = { code: 'KERNEL_REFUSED', message: 'refused' } as const;
    const outcome = failed ? ({ outcome: 'failed', failure } as const) : ({ outcome: 'applied' } as const);
    return { ...intent(parts), id: index + 1, ...ending, ...outcome };
  });
}
const guardHistory = (all: readonly Change[]): GuardHistory => all.reduce(withGuardChange, NO_GUARD_HISTORY);
const raise = (to: number): Partial<Intent> & { readonly to: number } => ({ actor: GUARD, to });
const drift = (to: number, parts: Partial<Intent> = {}): Partial<Intent> & { readonly to: number } => ({
  actor: OUTSIDER,
  kind: 'drift',
  reason: 'likely: kube-proxy is running and writes such settings',
  to,
  ...parts,
});

describe('the history of the guard', () => {
  it('is contested when another program has lowered max after two raises', () => {
    const once = guardHistory(changes(raise(200), drift(100), raise(200)));
    expect(isContested(once)).toBe(false);
    const twice = guardHistory(changes(raise(200), drift(100), raise(200), drift(100)));
    expect(isContested(twice)).toBe(true);
    expect(twice).toMatchObject({
      raises: 2,
      lowered: [
        { change: 2, by: 'likely: kube-proxy is running and writes such settings' },
        { change: 4, by: 'likely: kube-proxy is running and writes such settings' },
      ],
    });
  });

  it('counts one lowering a raise', () => {
    expect(guardHistory(changes(raise(200), drift(150), drift(100))).lowered).toHaveLength(1);
  });

  it('does not count drift before the first raise, a higher value, no limit, or a value that a reboot reset', () => {
    expect(guardHistory(changes(drift(100), raise(200), drift(300))).lowered).toEqual([]);
    expect(guardHistory(changes(raise(200), drift(0))).lowered).toEqual([]);
    expect(guardHistory(changes(raise(200), drift(100, { bootId: '11111111-0000-4000-8000-000000000000' }))).lowered).toEqual([]);
  });

  it.each(['rollback', 'rollback-to', 'change'] as const satisfies ChangeKind[])(
    'is suspended by a %s of a person that lowers max',
    (kind) => {
      expect(guardHistory(changes(raise(200), { kind, to: 100 }))).toMatchObject({ suspendedBy: { change: 2, by: 'night-shift' } });
    },
  );

  it('is not suspended by a change of a person that raises max, or that failed', () => {
    expect(guardHistory(changes(raise(200), { to: 300 })).suspendedBy).toBeUndefined();
    expect(guardHistory(changes(raise(200), { to: 100, failed: true })).suspendedBy).toBeUndefined();
  });

  it('counts a raise that failed as an attempt only', () => {
    const startedAt = new Date('2026-01-01T00:05:00.000Z');
    expect(guardHistory(changes({ actor: GUARD, startedAt, to: 200, failed: true }))).toEqual({
      raises: 0,
      lowered: [],
      lastAttempt: startedAt,
    });
  });
});
