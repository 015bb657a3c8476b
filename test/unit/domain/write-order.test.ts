import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SettingChange } from '../../../src/domain/change.ts';
import { inSafeOrder } from '../../../src/domain/write-order.ts';

const change = (name: string, before: number, requested: number): SettingChange => ({ name, before, requested });
const names = (settings: readonly SettingChange[]): string[] => inSafeOrder(settings).map(({ name }) => name);

describe('inSafeOrder', () => {
  it('raises buckets before max, and lowers max before buckets', () => {
    expect(names([change('max', 1, 2), change('buckets', 1, 2)])).toEqual(['buckets', 'max']);
    expect(names([change('buckets', 2, 1), change('max', 2, 1)])).toEqual(['max', 'buckets']);
  });

  it('never has a worse max / buckets in between than before or after', () => {
    const size = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(size, size, size, size, (max0, max1, buckets0, buckets1) => {
        const now = { max: max0, buckets: buckets0 };
        const worst = Math.max(max0 / buckets0, max1 / buckets1);
        for (const { name, requested } of inSafeOrder([change('max', max0, max1), change('buckets', buckets0, buckets1)])) {
          now[name as 'max' | 'buckets'] = requested;
          expect(now.max / now.buckets).toBeLessThanOrEqual(worst);
        }
      }),
    );
  });

  it('never has the low fragment threshold above the high one in between', () => {
    const threshold = fc.tuple(fc.nat(1_000), fc.nat(1_000)).map(([low, more]) => ({ low, high: low + more }));
    fc.assert(
      fc.property(threshold, threshold, (from, to) => {
        const now: Record<string, number> = { frag6_low_thresh: from.low, frag6_high_thresh: from.high };
        const steps = [change('frag6_high_thresh', from.high, to.high), change('frag6_low_thresh', from.low, to.low)];
        for (const { name, requested } of inSafeOrder(steps)) {
          now[name] = requested;
          expect(now['frag6_low_thresh']).toBeLessThanOrEqual(now['frag6_high_thresh'] ?? 0);
        }
      }),
    );
  });
});
