import { describe, expect, it } from 'vitest';
import type { ClosedChange, Observation } from '../../../src/domain/change.ts';
import { planRollback, type RollbackPlan } from '../../../src/domain/rollback-plan.ts';
import { intent } from '../../support/intent.ts';

const change: ClosedChange = {
  ...intent({
    settings: [
      { name: 'buckets', before: 512, requested: 1000 },
      { name: 'max', before: 10, requested: 10 },
    ],
    files: [{ path: '/etc/a', before: null, after: 'new' }],
  }),
  id: 7,
  completedAt: new Date(1),
  outcome: 'adjusted',
  observed: { settings: { buckets: 1024, max: 10 }, files: { '/etc/a': 'new' } },
};

const plan = (changes: readonly ClosedChange[], now: Observation, later: readonly ClosedChange[] = []): RollbackPlan =>
  planRollback(changes, { now, laterThan: () => later, pendingUnder: () => undefined, isShared: () => false });

describe('planRollback', () => {
  it('restores only what was modified, and removes a file that did not exist', () => {
    expect(plan([change], change.observed)).toEqual({
      settings: { buckets: 512 },
      files: [{ path: '/etc/a', before: 'new', after: null }],
      conflicts: [],
      edits: [],
    });
  });

  it('names what has changed since the change', () => {
    const { conflicts } = plan([change], { settings: { buckets: 2048, max: 99 }, files: { '/etc/a': 'edited' } });
    expect(conflicts).toEqual([
      { subject: 'buckets', expected: '1024', found: '2048' },
      { subject: '/etc/a', expected: 'the bytes that change 7 left', found: 'other bytes' },
    ]);
  });

  it('starts from the current bytes, so that a forced rollback replaces exactly those', () => {
    const { files } = plan([change], { settings: { buckets: 1024 }, files: { '/etc/a': 'edited' } });
    expect(files).toEqual([{ path: '/etc/a', before: 'edited', after: null }]);
  });

  it('reports a conflict for a value that could not be read when the change was closed', () => {
    const unread: ClosedChange = { ...change, outcome: 'applied', observed: { ...change.observed, settings: { buckets: null, max: 10 } } };
    expect(plan([unread], change.observed).conflicts).toEqual([{ subject: 'buckets', expected: 'unreadable', found: '1024' }]);
  });

  it('is empty for a change that was rolled back', () => {
    const undone: ClosedChange = {
      ...change,
      outcome: 'failed',
      failure: { code: 'KERNEL_REFUSED', message: 'no' },
      observed: { settings: { buckets: 512, max: 10 }, files: { '/etc/a': null } },
    };
    expect(plan([undone], undone.observed)).toEqual({ settings: {}, files: [], conflicts: [], edits: [] });
  });
});
