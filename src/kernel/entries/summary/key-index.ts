import { longer } from './longer.ts';

const EMPTY = 0;
/** What there is room for before anything grows. */
export const FIRST_KEYS = 1024;

/**
 * Numbers distinct keys from 0, each key being `width` 32-bit words. Open addressing in typed arrays that double when they are full: no
 * object is made for a key. The hash is seeded, so that a flood of chosen addresses cannot aim at one place.
 */
export class KeyIndex {
  /** What `find`, `add` and `replace` look at: to be filled first. */
  readonly wanted: Int32Array;
  size = 0;
  private readonly width: number;
  private words: Int32Array;
  private hashes: Int32Array;
  /** Number + 1 of the key there; at most half of them in use. */
  private slots: Int32Array;
  private mask: number;
  private readonly seed = randomWord();
  private readonly factor = randomWord() | 1;
  private wantedHash = 0;

  constructor(width: number) {
    this.width = width;
    this.wanted = new Int32Array(width);
    this.words = new Int32Array(width * FIRST_KEYS);
    this.hashes = new Int32Array(FIRST_KEYS);
    this.slots = new Int32Array(2 * FIRST_KEYS);
    this.mask = this.slots.length - 1;
  }

  /** The number of the wanted key, or -1. */
  find(): number {
    const { slots, hashes, mask } = this;
    const hash = this.hashWanted();
    this.wantedHash = hash;
    let slot = hash & mask;
    let number = (slots[slot] as number) - 1;
    while (number >= 0) {
      if (hashes[number] === hash && this.isWanted(number)) return number;
      slot = (slot + 1) & mask;
      number = (slots[slot] as number) - 1;
    }
    return -1;
  }

  /** Numbers the wanted key, which was just not found. */
  add(): number {
    const number = this.size;
    if (number === this.hashes.length) this.grow();
    this.size += 1;
    this.put(number);
    return number;
  }

  /** Gives the number of another key to the wanted key, which was just not found. */
  replace(number: number): void {
    this.remove(number);
    this.put(number);
  }

  /** Word `at` of the key with this number. */
  word(number: number, at: number): number {
    return this.words[number * this.width + at] as number;
  }

  private hashWanted(): number {
    const { wanted, width, factor } = this;
    let hash = this.seed;
    for (let at = 0; at < width; at += 1) {
      hash = Math.imul(hash ^ (wanted[at] as number), factor);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, factor);
    return hash ^ (hash >>> 13);
  }

  private isWanted(number: number): boolean {
    const { wanted, words, width } = this;
    const from = number * width;
    for (let at = 0; at < width; at += 1) {
      if (words[from + at] !== wanted[at]) return false;
    }
    return true;
  }

  private grow(): void {
    this.words = longer(this.words, 2 * this.words.length);
    this.hashes = longer(this.hashes, 2 * this.hashes.length);
    this.slots = new Int32Array(2 * this.slots.length);
    this.mask = this.slots.length - 1;
    for (let number = 0; number < this.size; number += 1) this.place(number);
  }

  private put(number: number): void {
    this.words.set(this.wanted, number * this.width);
    this.hashes[number] = this.wantedHash;
    this.place(number);
  }

  private place(number: number): void {
    const { slots, mask } = this;
    let slot = (this.hashes[number] as number) & mask;
    while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    slots[slot] = number + 1;
  }

  /** Closes the gap, so that no search ends early at it: what follows moves up unless it would get before its own place. */
  private remove(number: number): void {
    const { slots, hashes, mask } = this;
    let gap = (hashes[number] as number) & mask;
    while (slots[gap] !== number + 1) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const occupant = slots[slot] as number;
      const steps = (slot - (hashes[occupant - 1] as number)) & mask;
      if (steps < ((slot - gap) & mask)) continue;
      slots[gap] = occupant;
      gap = slot;
    }
    slots[gap] = EMPTY;
  }
}

function randomWord(): number {
  return (Math.random() * 4_294_967_296) | 0;
}
