import { describe, expect, it } from 'vitest';
import { GENESIS, recordContent, recordHash } from '../../../src/journal/record/record.ts';

const ROW = {
  sequence: 1,
  kind: 'intent',
  change_id: 1,
  recorded_at: '2026-01-01T00:00:00.000Z',
  previous_hash: GENESIS.hash,
  content: '{"reason":"nächste Woche"}',
};

describe('recordHash', () => {
  it('is what sha256sum prints for the documented seven lines', () => {
    // printf 'conntrack-api record 1\n1\nintent\n1\n2026-01-01T00:00:00.000Z\n%064d\n{"reason":"nächste Woche"}' 0 | sha256sum
    expect(recordHash(ROW)).toBe('b2686ec602ebcb86481fed54e6de09f0b6891f8b6a99db65e5261eac381870de');
  });

  it.each([
    { sequence: 2 },
    { kind: 'outcome' },
    { change_id: 2 },
    { recorded_at: '2026-01-01T00:00:00.001Z' },
    { previous_hash: '1'.repeat(64) },
    { content: '{"reason":"nachste Woche"}' },
  ])('differs when %o differs', (other) => {
    expect(recordHash({ ...ROW, ...other })).not.toBe(recordHash(ROW));
  });
});

describe('recordContent', () => {
  it('is canonical JSON', () => {
    expect(recordContent({ b: [{ d: 1, c: null }], a: 'é' })).toBe('{"a":"é","b":[{"c":null,"d":1}]}');
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses %d at any depth', (value) => {
    expect(() => recordContent({ list: [{ value }] })).toThrow(RangeError);
  });
});
