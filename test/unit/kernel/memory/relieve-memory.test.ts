import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { MemoryLimit } from '../../../../src/kernel/memory/memory-limits.ts';
import { expectedBytes } from '../../../../src/kernel/memory/expected-use.ts';
import { relieveMemory } from '../../../../src/kernel/memory/require-memory.ts';

// Threads that earlier tests started in this process count for two seconds.
beforeAll(() => vi.waitUntil(() => expectedBytes() === 0, { timeout: 10_000 }));

const MEBIBYTE = 1_048_576;

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'], now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

/** How often the limits are measured in so many calls. */
function measurements(freeMebibytes: number, calls: number, millisecondsBetween: number): number {
  const limit: MemoryLimit = { name: 'memory.max', limitBytes: 512 * MEBIBYTE, usedBytes: (512 - freeMebibytes) * MEBIBYTE };
  const measure = vi.fn(() => [limit]);
  for (let call = 0; call < calls; call += 1) {
    relieveMemory(measure);
    vi.advanceTimersByTime(millisecondsBetween);
  }
  return measure.mock.calls.length;
}

it('measures after each work while little memory is left, and at most every 50 ms while there is plenty', () => {
  expect(measurements(15, 20, 10)).toBe(20);
  expect(measurements(60, 20, 10)).toBe(20);
  expect(measurements(200, 20, 10)).toBe(4);
  vi.advanceTimersByTime(1_000);
  expect(measurements(200, 3, 50)).toBe(3);
  vi.advanceTimersByTime(1_000);
  expect(measurements(60, 3, 10)).toBe(3);
});
