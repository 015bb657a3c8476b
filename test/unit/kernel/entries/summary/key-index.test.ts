import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyIndex } from '../../../../../src/kernel/entries/summary/key-index.ts';
import { LeastHeap } from '../../../../../src/kernel/entries/summary/least-heap.ts';

const CAPACITY = 20;

describe('the index of keys', () => {
  it('finds exactly the keys that were added and not replaced, like a map', () => {
    const key = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(CAPACITY - 1)), { minLength: 200, maxLength: 300 }), (steps) => {
        const index = new KeyIndex(2);
        const model: string[] = [];
        for (const [words, victim] of steps) {
          index.wanted.set(words);
          const found = index.find();
          if (found !== model.indexOf(words.join())) throw new Error(`found ${words.join()} at ${String(found)}`);
          if (found >= 0) continue;
          if (model.length < CAPACITY) {
            index.add();
            model.push(words.join());
          } else {
            index.replace(victim);
            model[victim] = words.join();
          }
        }
        expect(model.map((_, number) => `${String(index.word(number, 0))},${String(index.word(number, 1))}`)).toEqual(model);
      }),
    );
  });

  it('finds all keys after it has grown', () => {
    const index = new KeyIndex(2);
    const keys = Array.from({ length: 5_000 }, (_, at) => [at, 7 * at]);
    for (const key of keys) {
      index.wanted.set(key);
      expect(index.find()).toBe(-1);
      index.add();
    }
    const found = keys.map((key) => {
      index.wanted.set(key);
      return index.find();
    });
    expect(found).toEqual([...keys.keys()]);
    index.wanted.set([5_000, 7]);
    expect(index.find()).toBe(-1);
  });
});

describe('the heap of weights', () => {
  it('returns the least weight after each growth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(30)), { maxLength: 100 }),
        (given, growths) => {
          const weights = Float64Array.from(given);
          const heap = new LeastHeap(weights);
          expect(weights[heap.least()]).toBe(Math.min(...weights));
          for (const [at, growth] of growths) {
            const number = at % weights.length;
            weights[number] = (weights[number] ?? 0) + growth;
            heap.grew(number);
            expect(weights[heap.least()]).toBe(Math.min(...weights));
          }
        },
      ),
    );
  });
});
