import type { StreamType } from '../../domain/filter/entry-event.ts';
import { messageBuffer, type MessageBuffer } from '../netlink/decode.ts';

const WORD_BYTES = 4;

/** Kinds of a record: a message of the kernel (the index of its type in STREAM_TYPES), or a gap in its messages. */
export const KIND = {
  ...({ new: 0, update: 1, destroy: 2, 'expectation-new': 3, 'expectation-destroy': 4 } as const satisfies Record<StreamType, number>),
  ...({ overrun: 5, malformed: 6 } as const),
};

/** A set of kinds as bits. */
export function maskOf(types: readonly StreamType[]): number {
  return types.reduce((mask, type) => mask | (1 << KIND[type]), 0);
}

/**
 * The newest records, as the kernel sent them, in memory of fixed size. Records are numbered consecutively from 1. Only the owner drops
 * records, oldest first. Allocates no object per record.
 */
export class EventRing {
  /** The memory that `at` points into. */
  readonly buffer: MessageBuffer;
  /** Number of the oldest record kept; equal to `next` if there is none. */
  first = 1;
  /** Number of the next record. */
  next = 1;
  private readonly size: number;
  private readonly capacity: number;
  private readonly offsets: Int32Array;
  private readonly lengths: Int32Array;
  private readonly kinds: Uint8Array;
  private free = 0;

  /** @param bytes size of all records together, a multiple of four @param records maximum number of records */
  constructor(bytes: number, records: number) {
    this.size = bytes;
    this.capacity = records;
    this.buffer = messageBuffer(bytes);
    this.offsets = new Int32Array(records);
    this.lengths = new Int32Array(records);
    this.kinds = new Uint8Array(records);
  }

  /** Whether a record of this length can be added before the oldest one is dropped. */
  hasRoom(length: number): boolean {
    const padded = paddedLength(length);
    if (this.first === this.next) return padded <= this.size;
    if (this.next - this.first >= this.capacity) return false;
    const oldest = this.at(this.first);
    // The free position never reaches the oldest record, so that full and empty differ.
    if (this.free > oldest) return this.free + padded <= this.size || padded < oldest;
    return this.free + padded < oldest;
  }

  dropOldest(): void {
    this.first += 1;
  }

  /** Only if `hasRoom`. @param from offset in `source`, a multiple of four */
  append(kind: number, source: MessageBuffer, from: number, length: number): void {
    const padded = paddedLength(length);
    if (this.first === this.next || this.free + padded > this.size) this.free = 0;
    const slot = this.next % this.capacity;
    this.offsets[slot] = this.free;
    this.lengths[slot] = length;
    this.kinds[slot] = kind;
    const to = this.free >>> 2;
    for (let word = 0; word < padded >>> 2; word += 1) this.buffer.words[to + word] = source.words[(from >>> 2) + word] as number;
    this.free += padded;
    this.next += 1;
  }

  /** For a record that is kept. */
  kind(record: number): number {
    return this.kinds[record % this.capacity] as number;
  }

  at(record: number): number {
    return this.offsets[record % this.capacity] as number;
  }

  end(record: number): number {
    return this.at(record) + (this.lengths[record % this.capacity] as number);
  }
}

/** Never 0, so that two records have two offsets. */
function paddedLength(length: number): number {
  return Math.max(WORD_BYTES, (length + WORD_BYTES - 1) & -WORD_BYTES);
}
