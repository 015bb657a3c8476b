import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventRing } from '../../../../src/kernel/events/event-ring.ts';
import { messageBuffer } from '../../../../src/kernel/netlink/decode.ts';

const BYTES = 64;
const RECORDS = 8;

/** A record of this length, filled with its number. */
function add(ring: EventRing, length: number): void {
  const source = messageBuffer(BYTES);
  source.bytes.fill(ring.next);
  while (!ring.hasRoom(length)) ring.dropOldest();
  ring.append(ring.next % 3, source, 0, length);
}

function contents(ring: EventRing): readonly (readonly [number, number, number[]])[] {
  return Array.from({ length: ring.next - ring.first }, (_, index) => {
    const record = ring.first + index;
    return [record, ring.kind(record), [...ring.buffer.bytes.subarray(ring.at(record), ring.end(record))]] as const;
  });
}

describe('the ring of recent events', () => {
  it('keeps the newest records unchanged, whatever their lengths', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), (lengths) => {
        const ring = new EventRing(BYTES, RECORDS);
        for (const length of lengths) add(ring, length);
        const expected = lengths.map((length, index) => [index + 1, (index + 1) % 3, Array(length).fill(index + 1) as number[]] as const);
        expect(ring.next).toBe(lengths.length + 1);
        expect(contents(ring)).toEqual(expected.slice(ring.first - 1));
      }),
    );
  });

  it('keeps up to its maximum number of records, then drops one for each new record', () => {
    const ring = new EventRing(BYTES, RECORDS);
    for (let count = 0; count < RECORDS + 3; count += 1) add(ring, 4);
    expect([ring.first, ring.next]).toEqual([4, RECORDS + 4]);
  });

  it('has no room for a record larger than its memory', () => {
    const ring = new EventRing(BYTES, RECORDS);
    expect([ring.hasRoom(BYTES), ring.hasRoom(BYTES + 1)]).toEqual([true, false]);
  });
});
