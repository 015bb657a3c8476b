import { messageBuffer, type MessageBuffer } from '../netlink/decode.ts';

const WORD_BYTES = 4;

/**
 * The newest records, as the kernel sent them, in memory of fixed size: numbered without a hole from 1 on, oldest dropped first, and only by
 * the owner. Makes no object for a record.
 */
export class EventRing {
  /** What `at` points into. */
  readonly buffer: MessageBuffer;
  /** Number of the oldest record kept; equal to `next` where none is. */
  first = 1;
  /** Number that the next record gets. */
  next = 1;
  private readonly size: number;
  private readonly capacity: number;
  private readonly places: Int32Array;
  private readonly lengths: Int32Array;
  private readonly kinds: Uint8Array;
  private free = 0;

  /** @param bytes of all records together, a multiple of four @param records at most */
  constructor(bytes: number, records: number) {
    this.size = bytes;
    this.capacity = records;
    this.buffer = messageBuffer(bytes);
    this.places = new Int32Array(records);
    this.lengths = new Int32Array(records);
    this.kinds = new Uint8Array(records);
  }

  /** Whether a record of this length can be added before the oldest one is dropped. */
  hasRoom(length: number): boolean {
    const padded = paddedLength(length);
    if (this.first === this.next) return padded <= this.size;
    if (this.next - this.first >= this.capacity) return false;
    const oldest = this.at(this.first);
    // The free place never meets the oldest record, so that full and empty differ.
    if (this.free > oldest) return this.free + padded <= this.size || padded < oldest;
    return this.free + padded < oldest;
  }

  dropOldest(): void {
    this.first += 1;
  }

  /** Only where `hasRoom`. @param from in `source`, a multiple of four */
  append(kind: number, source: MessageBuffer, from: number, length: number): void {
    const padded = paddedLength(length);
    if (this.first === this.next || this.free + padded > this.size) this.free = 0;
    const slot = this.next % this.capacity;
    this.places[slot] = this.free;
    this.lengths[slot] = length;
    this.kinds[slot] = kind;
    const to = this.free >>> 2;
    for (let word = 0; word < padded >>> 2; word += 1) this.buffer.words[to + word] = source.words[(from >>> 2) + word] as number;
    this.free += padded;
    this.next += 1;
  }

  /** Of a record that is kept. */
  kind(record: number): number {
    return this.kinds[record % this.capacity] as number;
  }

  at(record: number): number {
    return this.places[record % this.capacity] as number;
  }

  end(record: number): number {
    return this.at(record) + (this.lengths[record % this.capacity] as number);
  }
}

/** Never nothing: two records have two places. */
function paddedLength(length: number): number {
  return Math.max(WORD_BYTES, (length + WORD_BYTES - 1) & -WORD_BYTES);
}
