import type { KeySummary, SummaryKey, SummaryMeasure, SummaryRow } from '../../../domain/entry-summary.ts';
import type { EntryView } from '../entry-view.ts';
import { FIRST_KEYS, KeyIndex, longer } from './key-index.ts';
import { KEY_READERS, type KeyReader } from './key-readers.ts';
import { LeastHeap } from './least-heap.ts';
import { describeSums, type EntrySums, remainder, RunningSums, type Sums } from './sums.ts';

/** Not counted: a key of weight 0 does not replace another. */
const NOT_ADDED = -1;

/** Whether so many more bytes may be allocated. */
export type MayAllocate = (bytes: number) => boolean;

/** Of a counter besides its key: its sums, its places in the index and in the heap, and its share of the sort at the end. */
const COUNTER_BYTES = 96;

/**
 * Counts entries by one key. Memory grows with the number of distinct keys, up to a capacity, or until no more may be allocated. Counts are
 * exact up to there; beyond it, the Space-Saving sketch (Metwally et al. 2005) applies: a new key takes over the counter with the least weight, and that weight becomes its
 * error. The weight is the measure that rows are ordered by, so the sketch's guarantees hold for that measure (see `KeySummary`).
 */
export class TopKeys {
  private readonly by: SummaryKey;
  private readonly orderBy: SummaryMeasure;
  private readonly reader: KeyReader;
  private readonly index: KeyIndex;
  private readonly mayAllocate: MayAllocate;
  private capacity: number;
  private weights: Float64Array;
  /** The part of the weight that may belong to previous keys, for keys that took over a counter. */
  private errors: Float64Array;
  private tookOver: Uint8Array;
  /** Since the key was added. */
  private entries: Uint32Array;
  private counted: Uint32Array;
  private packets: Float64Array;
  private bytes: Float64Array;
  private readonly without = new RunningSums();
  /** Present once a key found no free counter. */
  private heap: LeastHeap | undefined;

  constructor(by: SummaryKey, orderBy: SummaryMeasure, capacity: number, mayAllocate: MayAllocate) {
    this.by = by;
    this.orderBy = orderBy;
    this.reader = KEY_READERS[by];
    this.index = new KeyIndex(this.reader.width);
    this.capacity = capacity;
    this.mayAllocate = mayAllocate;
    const first = Math.min(FIRST_KEYS, capacity);
    this.weights = new Float64Array(first);
    this.errors = new Float64Array(first);
    this.tookOver = new Uint8Array(first);
    this.entries = new Uint32Array(first);
    this.counted = new Uint32Array(first);
    this.packets = new Float64Array(first);
    this.bytes = new Float64Array(first);
  }

  /** @param entry the sums of the entry in the view */
  add(view: EntryView, entry: EntrySums): void {
    if (!this.reader.read(view, this.index.wanted)) {
      this.without.add(entry);
      return;
    }
    let key = this.index.find();
    if (key < 0) key = this.admit(entry.weight);
    if (key === NOT_ADDED) return;
    this.weights[key] = (this.weights[key] as number) + entry.weight;
    this.entries[key] = (this.entries[key] as number) + 1;
    if (entry.counted > 0) {
      this.counted[key] = (this.counted[key] as number) + 1;
      this.packets[key] = (this.packets[key] as number) + entry.packets;
      this.bytes[key] = (this.bytes[key] as number) + entry.bytes;
    }
    this.heap?.grew(key);
  }

  /** @param total the sums of all entries that were added */
  result(top: number, total: Sums): KeySummary {
    const keys = this.heaviest(top);
    const other = remainder(total, [this.without, ...keys.map((key) => this.sums(key))]);
    return {
      by: this.by,
      distinct: this.index.size + (this.heap ? 1 : 0),
      exact: !this.heap,
      ...(this.heap && { error: this.weights[this.heap.least()] ?? 0, counters: this.capacity }),
      top: keys.map((key) => this.row(key)),
      other: describeSums(other),
      without: describeSums(this.without),
    };
  }

  private admit(weight: number): number {
    if (this.hasRoom()) return this.index.add();
    this.heap ??= new LeastHeap(this.weights);
    if (weight === 0) return NOT_ADDED;
    const key = this.heap.least();
    this.index.replace(key);
    this.errors[key] = this.weights[key] as number;
    this.tookOver[key] = 1;
    this.entries[key] = 0;
    this.counted[key] = 0;
    this.packets[key] = 0;
    this.bytes[key] = 0;
    return key;
  }

  /** Grows if it must. If it may not, it never will: the sketch begins. */
  private hasRoom(): boolean {
    const { index, weights, capacity, reader } = this;
    if (index.size === capacity) return false;
    if (index.size < weights.length) return true;
    if (this.mayAllocate(2 * weights.length * (4 * reader.width + COUNTER_BYTES))) this.grow();
    else this.capacity = index.size;
    return index.size < this.capacity;
  }

  private grow(): void {
    const length = Math.min(2 * this.weights.length, this.capacity);
    this.weights = longer(this.weights, length);
    this.errors = longer(this.errors, length);
    this.tookOver = longer(this.tookOver, length);
    this.entries = longer(this.entries, length);
    this.counted = longer(this.counted, length);
    this.packets = longer(this.packets, length);
    this.bytes = longer(this.bytes, length);
  }

  /** Heaviest first; ties go to the key with more entries, then to the key that was added first. */
  private heaviest(top: number): readonly number[] {
    const { weights, entries } = this;
    const less = (values: Float64Array | Uint32Array, left: number, right: number): number => (values[right] ?? 0) - (values[left] ?? 0);
    return Array.from({ length: this.index.size }, (_, key) => key)
      .sort((left, right) => less(weights, left, right) || less(entries, left, right) || left - right)
      .slice(0, top);
  }

  private row(key: number): SummaryRow {
    const parts = this.reader.parts((at) => this.index.word(key, at));
    return { ...parts, ...describeSums(this.sums(key)), ...(this.tookOver[key] === 1 && { error: this.errors[key] ?? 0 }) };
  }

  private sums(key: number): Sums {
    const { entries, counted, packets, bytes } = this;
    const since = { entries: entries[key] ?? 0, counted: counted[key] ?? 0, packets: packets[key] ?? 0, bytes: bytes[key] ?? 0 };
    return { ...since, [this.orderBy]: this.weights[key] ?? 0 };
  }
}
