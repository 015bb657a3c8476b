import { describe, expect, it } from 'vitest';
import { SharedReading } from '../../src/application/shared-reading.ts';

function sharedReading() {
  const pending: PromiseWithResolvers<string>[] = [];
  const state = { changes: 0 };
  const read = (): Promise<string> => {
    const next = Promise.withResolvers<string>();
    pending.push(next);
    return next.promise;
  };
  return { pending, state, reading: new SharedReading(read, () => state.changes) };
}

describe('a shared reading', () => {
  it('serves every caller that comes while it runs, and is not kept', async () => {
    const { pending, reading } = sharedReading();
    const results = Array.from({ length: 100 }, () => reading.get());
    pending[0]?.resolve('first');
    expect(new Set(await Promise.all(results))).toEqual(new Set(['first']));
    void reading.get();
    expect(pending).toHaveLength(2);
  });

  it('that began before a change ended is not given to a caller after it', async () => {
    const { pending, state, reading } = sharedReading();
    const before = reading.get();
    state.changes += 1;
    const [after, alsoAfter] = [reading.get(), reading.get()];
    expect(pending).toHaveLength(2);
    pending[1]?.resolve('new');
    pending[0]?.resolve('old');
    expect(await Promise.all([before, after, alsoAfter])).toEqual(['old', 'new', 'new']);
  });

  it('that fails is reported to all its callers, and the next caller reads again', async () => {
    const { pending, reading } = sharedReading();
    const results = [reading.get(), reading.get()];
    pending[0]?.reject(new Error('failed'));
    for (const result of results) await expect(result).rejects.toThrow('failed');
    const again = reading.get();
    pending[1]?.resolve('works');
    expect(await again).toBe('works');
  });
});
