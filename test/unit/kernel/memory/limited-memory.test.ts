import { beforeAll, describe, expect, it, vi } from 'vitest';
import { expectedBytes } from '../../../../src/kernel/memory/expected-use.ts';
import { LimitedMemory } from '../../../../src/kernel/memory/limited-memory.ts';

// Threads that earlier tests started in this process count for two seconds.
beforeAll(() => vi.waitUntil(() => expectedBytes() === 0, { timeout: 10_000 }));

const MEBIBYTE = 1_048_576;

/** @param garbage MiB that the first collection frees */
function memoryWith(free: number, garbage = 0): { readonly memory: LimitedMemory; readonly collect: () => boolean } {
  let used = 100 - free;
  const collect = vi.fn(() => {
    used -= garbage;
    return garbage > 0;
  });
  const measure = () => [{ name: '/memory.max', limitBytes: 100 * MEBIBYTE, usedBytes: used * MEBIBYTE }];
  return { memory: new LimitedMemory(measure, collect), collect };
}

const REFUSAL = expect.objectContaining({
  code: 'RESOURCES_EXHAUSTED',
  message: expect.stringContaining('/memory.max is 100.0 MiB') as string,
}) as Error;

describe('the memory of a process with a limit', () => {
  it('admits changes with less free memory than reads', () => {
    expect(() => memoryWith(11.5).memory.admit('read')).toThrow(REFUSAL);
    memoryWith(11.5).memory.admit('change');
    expect(() => memoryWith(10.5).memory.admit('change')).toThrow(REFUSAL);
  });

  it('admits a request if a collection frees enough, and does not collect if enough is free', () => {
    const little = memoryWith(1, 13);
    little.memory.admit('read');
    expect(little.collect).toHaveBeenCalledTimes(1);
    const enough = memoryWith(50);
    enough.memory.admit('read');
    expect(enough.collect).not.toHaveBeenCalled();
  });

  it('counts what admitted requests may still take, until they end', () => {
    const { memory } = memoryWith(14);
    const release = memory.admit('read');
    expect(() => memory.admit('read')).toThrow(REFUSAL);
    release();
    release();
    memory.admit('read');
    expect(() => memory.admit('read')).toThrow(REFUSAL);
  });

  it('counts a request that takes long only at first', () => {
    vi.useFakeTimers();
    const { memory } = memoryWith(14);
    memory.admit('read');
    vi.advanceTimersByTime(2_500);
    memory.admit('read');
    vi.useRealTimers();
  });

  it('refuses nothing if no limit can be read', () => {
    const memory = new LimitedMemory(() => []);
    for (let count = 0; count < 1_000; count += 1) memory.admit('read');
  });

  it('collects once when there have been no requests for a while', () => {
    vi.useFakeTimers();
    const { memory, collect } = memoryWith(90);
    for (let period = 1; period <= 2; period += 1) {
      memory.admit('read');
      memory.relieve();
      expect(collect).toHaveBeenCalledTimes(period - 1);
      vi.advanceTimersByTime(11_000);
      memory.relieve();
      memory.relieve();
      expect(collect).toHaveBeenCalledTimes(period);
    }
    vi.useRealTimers();
  });

  it('collects in the background, without a request', () => {
    const { memory, collect } = memoryWith(5, 10);
    memory.relieve();
    expect(collect).toHaveBeenCalledTimes(1);
  });
});
