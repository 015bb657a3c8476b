import { describe, expect, it } from 'vitest';
import { judgeObservation, judgeWrite } from '../../../src/domain/verdict.ts';
import { intent } from '../../support/intent.ts';

describe('judgeWrite', () => {
  it('accepts buckets rounded up to a page, and nothing else that differs', () => {
    expect(judgeWrite('buckets', 1_000, 1_024)).toBe('adjusted');
    expect(judgeWrite('buckets', 1_000, 8_192)).toBe('adjusted');
    expect(judgeWrite('buckets', 1_000, 512)).toBe('not-effective');
    expect(judgeWrite('buckets', 1_000, 65_536)).toBe('not-effective');
    expect(judgeWrite('max', 1_000, 1_024)).toBe('not-effective');
    expect(judgeWrite('max', 1_000, null)).toBe('not-effective');
    expect(judgeWrite('max', 1_000, 1_000)).toBe('applied');
  });
});

describe('judgeObservation', () => {
  const opened = intent({
    settings: [{ name: 'buckets', before: 512, requested: 1_000 }],
    files: [{ path: '/etc/a', before: null, after: 'new' }],
  });

  it('distinguishes requested, unchanged and anything else', () => {
    const judged = (buckets: number | null, file: string | null): string =>
      judgeObservation(opened, { settings: { buckets }, files: { '/etc/a': file } });
    expect(judged(1_024, 'new')).toBe('recovered-applied');
    expect(judged(512, null)).toBe('recovered-unchanged');
    expect(judged(1_024, null)).toBe('diverged');
    expect(judged(4_096, 'new')).toBe('diverged');
    expect(judged(null, null)).toBe('diverged');
  });
});
