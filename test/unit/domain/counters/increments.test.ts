import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addIncrements, incrementsBetween, type CounterSnapshot } from '../../../../src/domain/counters/increments.ts';

function snapshot(seconds: number, ...perCpu: readonly Readonly<Record<string, number>>[]): CounterSnapshot {
  return { source: 'ctnetlink', bootMilliseconds: seconds * 1000, bootId: 'a', perCpu };
}

describe('increments between two readings', () => {
  it('are given per processor, with the time between the readings', () => {
    const before = snapshot(100, { drop: 5, invalid: 0 }, { drop: 1, invalid: 9 });
    const after = snapshot(110, { drop: 8, invalid: 0 }, { drop: 1, invalid: 10 });
    expect(incrementsBetween(before, after)).toEqual({
      seconds: 10,
      perCpu: [
        { drop: 3, invalid: 0 },
        { drop: 0, invalid: 1 },
      ],
    });
  });

  it('follow a 32-bit counter that wraps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 50_000_000 }), (start, events) => {
        const after = (start + events) % 2 ** 32;
        expect(incrementsBetween(snapshot(0, { found: start }), snapshot(10, { found: after }))?.perCpu).toEqual([{ found: events }]);
      }),
    );
  });

  it('are unknown across a boot, where the counters restart at zero', () => {
    const before = { ...snapshot(100, { drop: 500 }), bootId: 'earlier' };
    expect(incrementsBetween(before, snapshot(110, { drop: 3 }))).toBeUndefined();
  });

  it('are unknown if the module was loaded again, instead of four billion events', () => {
    expect(incrementsBetween(snapshot(100, { found: 70_000 }), snapshot(110, { found: 12 }))).toBeUndefined();
  });

  it('are unknown if the number of processors changed or no time passed', () => {
    expect(incrementsBetween(snapshot(100, { drop: 1 }), snapshot(110, { drop: 1 }, { drop: 0 }))).toBeUndefined();
    expect(incrementsBetween(snapshot(100, { drop: 1 }), snapshot(100, { drop: 2 }))).toBeUndefined();
  });

  it('leave out a counter that only one reading has', () => {
    expect(incrementsBetween(snapshot(0, { drop: 1 }), snapshot(1, { drop: 2, found: 7 }))?.perCpu).toEqual([{ drop: 1 }]);
  });

  it('add up over intervals', () => {
    const sum = addIncrements([
      { seconds: 10, perCpu: [{ drop: 1 }, { drop: 2 }] },
      { seconds: 11, perCpu: [{ drop: 3 }, { drop: 0, found: 4 }] },
    ]);
    expect(sum).toEqual({ seconds: 21, perCpu: [{ drop: 4 }, { drop: 2, found: 4 }] });
  });
});
