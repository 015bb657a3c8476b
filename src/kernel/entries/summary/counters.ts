import { longer } from './key-index.ts';
import type { Sums } from './sums.ts';

/** What is counted of each key, by the number of the key. Plain data, because it is sent between threads. */
export interface Counters {
  /** The sums that rows are ordered by. */
  readonly weights: Float64Array;
  /** The part of each weight that may belong to other keys. */
  readonly errors: Float64Array;
  /** 1 if entries of the key may be missing from the other sums. */
  readonly isPartial: Uint8Array;
  readonly entries: Uint32Array;
  readonly counted: Uint32Array;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
}

/** Of each counter, one number. */
export function arraysOf({ weights, errors, isPartial, entries, counted, packets, bytes }: Counters) {
  return [weights, errors, isPartial, entries, counted, packets, bytes];
}

export function newCounters(length: number): Counters {
  return {
    weights: new Float64Array(length),
    errors: new Float64Array(length),
    isPartial: new Uint8Array(length),
    entries: new Uint32Array(length),
    counted: new Uint32Array(length),
    packets: new Float64Array(length),
    bytes: new Float64Array(length),
  };
}

export function longerCounters(counters: Counters, length: number): Counters {
  return {
    weights: longer(counters.weights, length),
    errors: longer(counters.errors, length),
    isPartial: longer(counters.isPartial, length),
    entries: longer(counters.entries, length),
    counted: longer(counters.counted, length),
    packets: longer(counters.packets, length),
    bytes: longer(counters.bytes, length),
  };
}

export function addSums(counters: Counters, key: number, weight: number, { entries, counted, packets, bytes }: Sums): void {
  counters.weights[key] = (counters.weights[key] as number) + weight;
  counters.entries[key] = (counters.entries[key] as number) + entries;
  if (counted === 0) return;
  counters.counted[key] = (counters.counted[key] as number) + counted;
  counters.packets[key] = (counters.packets[key] as number) + packets;
  counters.bytes[key] = (counters.bytes[key] as number) + bytes;
}

/** Entries of the key with up to this weight may not have been counted: the weight becomes an upper bound. */
export function addError(counters: Counters, key: number, weight: number): void {
  counters.weights[key] = (counters.weights[key] as number) + weight;
  counters.errors[key] = (counters.errors[key] as number) + weight;
  counters.isPartial[key] = 1;
}

/** Adds what was counted of the key in another part of the table, under the number `from`. */
export function addCounter(counters: Counters, key: number, part: Counters, from: number): void {
  addSums(counters, key, part.weights[from] as number, sumsOf(part, from));
  counters.errors[key] = (counters.errors[key] as number) + (part.errors[from] as number);
  counters.isPartial[key] = (counters.isPartial[key] as number) | (part.isPartial[from] as number);
}

export function clearCounter(counters: Counters, key: number): void {
  counters.weights[key] = 0;
  counters.errors[key] = 0;
  counters.isPartial[key] = 0;
  counters.entries[key] = 0;
  counters.counted[key] = 0;
  counters.packets[key] = 0;
  counters.bytes[key] = 0;
}

export function sumsOf({ entries, counted, packets, bytes }: Counters, key: number): Sums {
  return { entries: entries[key] ?? 0, counted: counted[key] ?? 0, packets: packets[key] ?? 0, bytes: bytes[key] ?? 0 };
}
