import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alterationOf } from '../../../src/domain/entry-alteration.ts';
import { foreseenRefusal, hasMarkAndLabels, MARK_MAX, stateAfter, type EntryUpdate } from '../../../src/domain/entry-update.ts';
import { entryOf } from '../../support/entry-of.ts';

const word = fc.integer({ min: 0, max: MARK_MAX });
const labels = fc.uniqueArray(fc.integer({ min: 0, max: 127 }), { maxLength: 8 }).map((list) => list.sort((one, other) => one - other));
const marks = fc.record({ mark: word, markMask: word }, { requiredKeys: ['mark'], noNullPrototype: true });
const labelUpdates = fc.oneof(
  labels.map((list) => ({ labels: list })),
  fc.tuple(labels, labels).map(([add, remove]) => ({ addLabels: add, removeLabels: remove.filter((label) => !add.includes(label)) })),
);
const updates: fc.Arbitrary<EntryUpdate> = fc.oneof(
  marks,
  labelUpdates,
  fc.tuple(marks, labelUpdates).map(([one, other]) => ({ ...one, ...other })),
);

describe('the mark after an update', () => {
  it('has the value in the bits of the mask and the bits from before elsewhere, in 32 bits', () => {
    fc.assert(
      fc.property(word, word, fc.option(word, { nil: undefined }), (before, mark, markMask) => {
        const mask = BigInt(markMask ?? MARK_MAX);
        const expected = (BigInt(before) & (BigInt(MARK_MAX) ^ mask)) | (BigInt(mark) & mask);
        const update = { mark, ...(markMask !== undefined && { markMask }) };
        expect(stateAfter({ mark: before }, update).mark).toBe(Number(expected));
      }),
    );
  });
});

describe('an alteration', () => {
  it('undoes and redoes exactly what the update altered, and nothing that others set elsewhere', () => {
    fc.assert(
      fc.property(word, labels, updates, word, (mark, list, update, noise) => {
        const before = { mark, labels: list };
        const after = stateAfter(before, update);
        const { undo, redo } = alterationOf(before, after, update);
        expect(stateAfter(after, undo)).toEqual(before);
        expect(stateAfter(before, redo)).toEqual(after);
        const altered = undo.markMask ?? 0;
        const touched = { ...after, mark: ((after.mark ?? 0) ^ (noise & ~altered)) >>> 0 };
        expect(hasMarkAndLabels(touched, redo)).toBe(true);
        expect(((stateAfter(touched, undo).mark ?? 0) ^ touched.mark) & ~altered).toBe(0);
      }),
    );
  });
});

describe('a refusal that can be known before', () => {
  const entry = entryOf({ index: 1, protocol: 'udp' });

  it('is that of a timeout that is fixed, or of an offloaded flow', () => {
    const fixed = { ...entry, status: [...entry.status, 'FIXED_TIMEOUT' as const] };
    expect(foreseenRefusal(fixed, { timeoutSeconds: 5 })).toMatchObject({ errno: 'EPERM' });
    const { timeoutSeconds, ...offloaded } = { ...entry, status: ['OFFLOAD' as const], offload: true };
    expect(timeoutSeconds).toBeDefined();
    expect(foreseenRefusal(offloaded, { timeoutSeconds: 5, mark: 1 })).toEqual({ message: expect.stringContaining('offloaded') as string });
    for (const one of [fixed, offloaded]) expect(foreseenRefusal(one, { mark: 1, addLabels: [3] })).toBeUndefined();
    expect(foreseenRefusal(entry, { timeoutSeconds: 5 })).toBeUndefined();
  });
});
