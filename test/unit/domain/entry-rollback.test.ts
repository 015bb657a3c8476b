import { describe, expect, it } from 'vitest';
import { planEntryRollback } from '../../../src/domain/entry-rollback.ts';
import type { Entry } from '../../../src/domain/entry.ts';
import { stateAfter, type EntryState, type EntryUpdate, type UpdateResult } from '../../../src/domain/entry-update.ts';
import { entryOf } from '../../support/entry-of.ts';

/** Mark 7, 100 s, no labels. */
const ENTRY = entryOf({ index: 1, protocol: 'udp' });

interface Case {
  readonly now?: Partial<Entry> | null;
  readonly force?: boolean;
  readonly elapsed?: number;
  readonly result?: UpdateResult;
  readonly after?: EntryState;
  readonly before?: Partial<Entry>;
}

function plan(requested: EntryUpdate, { now = {}, force = false, elapsed = 0, result = 'updated', after, before = {} }: Case = {}) {
  const entry = { ...ENTRY, ...before };
  const left = after ?? stateAfter(entry, requested);
  const context = {
    requested,
    now: now === null ? undefined : { ...entry, ...left, ...now },
    sinceBefore: elapsed,
    sinceAfter: elapsed,
    force,
  };
  const { update, skipped } = planEntryRollback({ entry }, { result, after: left }, context);
  return update ?? skipped;
}

describe('the rollback of an update of one entry', () => {
  it('restores the bits of the mark that were altered', () => {
    expect(plan({ mark: 5 })).toEqual({ mark: 2, markMask: 2 });
    expect(plan({ mark: 0xf0, markMask: 0xf0 })).toEqual({ mark: 0, markMask: 0xf0 });
    expect(plan({ mark: 0xffff_ffff }, { before: { mark: 0 } })).toEqual({ mark: 0, markMask: 0xffff_ffff });
  });

  it('keeps bits and labels that others have set since, outside of what was altered', () => {
    expect(plan({ mark: 0x10, markMask: 0x10 }, { now: { mark: 0x1017 } })).toEqual({ mark: 0, markMask: 0x10 });
    expect(plan({ addLabels: [3] }, { now: { labels: [3, 9] } })).toEqual({ removeLabels: [3] });
  });

  it('restores labels', () => {
    expect(plan({ labels: [2] }, { before: { labels: [1, 2] } })).toEqual({ addLabels: [1] });
    expect(plan({ addLabels: [4], removeLabels: [1] }, { before: { labels: [1] } })).toEqual({ addLabels: [1], removeLabels: [4] });
  });

  it('skips an entry that was changed since, unless it is forced', () => {
    expect(plan({ mark: 0x10 }, { now: { mark: 9 } })).toBe('changed');
    expect(plan({ mark: 0x10 }, { now: { mark: 9 }, force: true })).toEqual({ mark: 6, markMask: 14 });
    expect(plan({ addLabels: [3] }, { now: { labels: [] } })).toBe('restored');
    expect(plan({ mark: 0x10 }, { now: { mark: 7 } })).toBe('restored');
  });

  it('skips an entry that is gone, or in which nothing was altered', () => {
    expect(plan({ mark: 1 }, { now: null })).toBe('gone');
    expect(plan({ mark: 1 }, { result: 'gone' })).toBe('gone');
    expect(plan({ mark: 7 })).toBe('not-updated');
    expect(plan({ mark: 9, timeoutSeconds: 5 }, { result: 'refused', after: { mark: 7, timeoutSeconds: 99 } })).toBe('not-updated');
  });

  it('restores the timeout as it would be without the update, at least a second', () => {
    expect(plan({ timeoutSeconds: 600 }, { elapsed: 30, now: { timeoutSeconds: 570 } })).toEqual({ timeoutSeconds: 70 });
    expect(plan({ timeoutSeconds: 600 }, { elapsed: 300, now: { timeoutSeconds: 299 } })).toEqual({ timeoutSeconds: 1 });
  });

  it('restores the timeout if the update took long, and when the kernel set it is not known', () => {
    const requested = { timeoutSeconds: 600 };
    const result = { result: 'updated' as const, after: { ...ENTRY, timeoutSeconds: 600 } };
    const between = { requested, sinceBefore: 30, sinceAfter: 10, force: false };
    const planned = (timeoutSeconds: number) =>
      planEntryRollback({ entry: ENTRY }, result, { ...between, now: { ...ENTRY, timeoutSeconds } }).update;
    expect([570, 580, 590].map(planned)).toEqual(Array(3).fill({ timeoutSeconds: 70 }));
    expect([560, 600].map(planned)).toEqual([undefined, undefined]);
  });

  it('leaves a timeout alone that a packet has set since, also if it is forced, and restores the mark', () => {
    const refreshed = { elapsed: 30, now: { timeoutSeconds: 180 } };
    expect(plan({ timeoutSeconds: 600 }, refreshed)).toBe('timeout-changed');
    expect(plan({ timeoutSeconds: 600 }, { ...refreshed, force: true })).toBe('timeout-changed');
    expect(plan({ timeoutSeconds: 600, mark: 8, markMask: 8 }, refreshed)).toEqual({ mark: 0, markMask: 8 });
  });
});
