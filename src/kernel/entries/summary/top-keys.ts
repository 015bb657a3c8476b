import type { KeySummary, SummaryKey, SummaryMeasure, SummaryRow } from '../../../domain/entry-summary.ts';
import { likelyKeys } from '../../../domain/sampling/estimator.ts';
import type { EntryView } from '../entry-view.ts';
import { addCounter, addError, addSums, clearCounter, type Counters, longerCounters, newCounters, sumsOf } from './counters.ts';
import { FIRST_KEYS, KeyIndex } from './key-index.ts';
import { KEY_READERS, type KeyReader } from './key-readers.ts';
import { LeastHeap } from './least-heap.ts';
import { describeSums, type EntrySums, plain, remainder, RunningSums, type Sums } from './sums.ts';

/** Not counted: a key of weight 0 does not replace another. */
const NOT_ADDED = -1;

/** Whether so many more bytes may be allocated. */
export type MayAllocate = (bytes: number) => boolean;

/** Of a counter besides its key: its sums, its places in the index and in the heap, and its share of a merge. */
const COUNTER_BYTES = 96;

/** What limits counts that are not exact. */
interface Sketch {
  /** How many keys were counted at a time. */
  readonly counters: number;
  /** The most that a key without a counter can weigh. */
  readonly uncounted: number;
}

interface Extent {
  /** Number of distinct keys; a lower bound if there is a sketch. */
  readonly distinct: number;
  /** Absent if all counts are exact. */
  readonly sketch?: Sketch;
}

/** What was counted of one key in a part of the table. Plain data, because it is sent between threads. */
export interface CountedKeys extends Extent {
  /** Number of keys that have a counter. */
  readonly size: number;
  /** The words of the keys, one key after another. */
  readonly words: Int32Array;
  readonly counters: Counters;
  readonly without: Sums;
}

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
  private counters: Counters;
  private readonly without = new RunningSums();
  /** Present once a key found no free counter. */
  private heap: LeastHeap | undefined;
  /** Present once parts were merged. */
  private merged: Extent | undefined;

  constructor(by: SummaryKey, orderBy: SummaryMeasure, capacity: number, mayAllocate: MayAllocate) {
    this.by = by;
    this.orderBy = orderBy;
    this.reader = KEY_READERS[by];
    this.index = new KeyIndex(this.reader.width);
    this.capacity = capacity;
    this.mayAllocate = mayAllocate;
    this.counters = newCounters(Math.min(FIRST_KEYS, capacity));
  }

  /** Of allocated counters that are not in use: the kernel does not count them as used memory yet. */
  get unusedBytes(): number {
    return (this.counters.weights.length - this.index.size) * this.counterBytes;
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
    addSums(this.counters, key, entry.weight, entry);
    this.heap?.grew(key);
  }

  counted(): CountedKeys {
    const { index, counters, without } = this;
    return { ...this.extent(), size: index.size, words: index.words, counters, without: plain(without) };
  }

  /**
   * Adds what was counted in a part of the table that has no entry in common. Sketches are merged as in "Mergeable Summaries" (Agarwal et al.
   * 2012): a key without a counter in one part may have the weight there that such a key can have, and the heaviest keys are kept. The
   * guarantees then hold for the total of both parts and the lesser number of counters. No entry can be added afterwards.
   */
  merge(part: CountedKeys): void {
    const { distinct, sketch } = this.extent();
    const union = this.index.size;
    const others = this.mergeShared(part);
    // The weights have changed.
    this.heap = undefined;
    const left = others.map((number) => this.mergeOther(part, number, sketch)).filter((weight) => weight !== undefined);
    this.without.add(part.without);
    const sketches = [sketch, part.sketch].filter((each) => each !== undefined);
    this.merged = { distinct: Math.max(distinct, part.distinct, union + others.length) };
    if (sketches.length === 0 && left.length === 0) return;
    const counters = Math.min(this.capacity, ...sketches.map((each) => each.counters));
    const uncounted = sketches.reduce((sum, each) => sum + each.uncounted, 0);
    this.merged = { ...this.merged, sketch: { counters, uncounted: left.reduce((most, weight) => Math.max(most, weight), uncounted) } };
  }

  /** @param total the sums of all entries that were added */
  result(top: number, total: Sums): KeySummary {
    const keys = this.heaviest(top);
    const { distinct, sketch } = this.extent();
    const other = remainder(total, [this.without, ...keys.map((key) => this.sums(key))]);
    return {
      by: this.by,
      distinct,
      exact: !sketch,
      ...(sketch && { error: sketch.uncounted, counters: sketch.counters }),
      top: keys.map((key) => this.row(key)),
      other: describeSums(other),
      without: describeSums(this.without),
    };
  }

  /** About how many keys a table has of which these are a sample. @param unread entries that are not in the sample */
  likelyKeys(unread: number): number {
    const { distinct, sketch } = this.extent();
    if (sketch) return distinct + unread;
    const seen = this.counters.entries.subarray(0, this.index.size);
    const keysWith = (entries: number): number => seen.reduce((keys, each) => (each === entries ? keys + 1 : keys), 0);
    return likelyKeys(distinct, keysWith(1), keysWith(2), unread);
  }

  private get counterBytes(): number {
    return 4 * this.reader.width + COUNTER_BYTES;
  }

  private extent(): Extent {
    if (this.merged) return this.merged;
    const { index, heap, capacity, counters } = this;
    if (!heap) return { distinct: index.size };
    return { distinct: index.size + 1, sketch: { counters: capacity, uncounted: counters.weights[heap.least()] as number } };
  }

  private admit(weight: number): number {
    if (this.hasRoom()) return this.index.add();
    this.heap ??= new LeastHeap(this.counters.weights);
    if (weight === 0) return NOT_ADDED;
    const key = this.heap.least();
    const previous = this.replace(key);
    addError(this.counters, key, previous);
    return key;
  }

  /** Adds the keys that have a counter in both parts, and the error of those that have none in the other. Returns the numbers of the rest. */
  private mergeShared(part: CountedKeys): readonly number[] {
    const { index, counters } = this;
    const isShared = new Uint8Array(index.size);
    const others: number[] = [];
    for (let number = 0; number < part.size; number += 1) {
      const key = this.find(part, number);
      if (key < 0) others.push(number);
      else {
        isShared[key] = 1;
        addCounter(counters, key, part.counters, number);
      }
    }
    if (part.sketch) for (const [key, shared] of isShared.entries()) if (shared === 0) addError(counters, key, part.sketch.uncounted);
    return others;
  }

  /** Adds a key that had no counter here, if it is heavy enough. Returns the weight that has no counter now. */
  private mergeOther(part: CountedKeys, number: number, sketch: Sketch | undefined): number | undefined {
    const weight = (part.counters.weights[number] as number) + (sketch?.uncounted ?? 0);
    this.find(part, number);
    let left: number | undefined;
    let key: number;
    if (this.hasRoom()) key = this.index.add();
    else {
      this.heap ??= new LeastHeap(this.counters.weights);
      key = this.heap.least();
      if (weight <= (this.counters.weights[key] as number)) return weight;
      left = this.replace(key);
    }
    addCounter(this.counters, key, part.counters, number);
    if (sketch) addError(this.counters, key, sketch.uncounted);
    this.heap?.grew(key);
    return left;
  }

  private find({ words }: CountedKeys, number: number): number {
    const { index, reader } = this;
    for (let at = 0; at < reader.width; at += 1) index.wanted[at] = words[number * reader.width + at] as number;
    return index.find();
  }

  /** Gives the counter of a key to the wanted key. Returns its weight so far. */
  private replace(key: number): number {
    const weight = this.counters.weights[key] as number;
    this.index.replace(key);
    clearCounter(this.counters, key);
    return weight;
  }

  /** Grows if it must. If it may not, it never will: the sketch begins. */
  private hasRoom(): boolean {
    const { index, counters, capacity } = this;
    const { length } = counters.weights;
    if (index.size === capacity) return false;
    if (index.size < length) return true;
    if (this.mayAllocate(2 * length * this.counterBytes)) this.counters = longerCounters(counters, Math.min(2 * length, capacity));
    else this.capacity = index.size;
    return index.size < this.capacity;
  }

  /** The first rows, in order. */
  private heaviest(top: number): readonly number[] {
    const rows: number[] = [];
    for (let key = 0; key < this.index.size; key += 1) {
      if (rows.length === top && this.isBefore(rows[top - 1] as number, key)) continue;
      let [low, high] = [0, rows.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.isBefore(rows[middle] as number, key)) low = middle + 1;
        else high = middle;
      }
      rows.splice(low, 0, key);
      if (rows.length > top) rows.pop();
    }
    return rows;
  }

  /** Heaviest first; ties go to the key with more entries, then to the lesser key. */
  private isBefore(one: number, other: number): boolean {
    const { index, counters } = this;
    const weights = (counters.weights[one] as number) - (counters.weights[other] as number);
    if (weights !== 0) return weights > 0;
    const entries = (counters.entries[one] as number) - (counters.entries[other] as number);
    return entries === 0 ? index.compare(one, other) < 0 : entries > 0;
  }

  private row(key: number): SummaryRow {
    const parts = this.reader.parts((at) => this.index.word(key, at));
    const { errors, isPartial } = this.counters;
    const sums = this.sums(key);
    // The flows that may be missing may have counters, even if none of those that were counted has.
    const shown = isPartial[key] === 1 && this.orderBy !== 'entries' ? { ...sums, counted: Math.max(1, sums.counted) } : sums;
    return { ...parts, ...describeSums(shown), ...(isPartial[key] === 1 && { error: errors[key] ?? 0 }) };
  }

  private sums(key: number): Sums {
    return { ...sumsOf(this.counters, key), [this.orderBy]: this.counters.weights[key] ?? 0 };
  }
}
