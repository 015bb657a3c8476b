const EMPTY = 0;
/** Initial capacity. */
export const FIRST_KEYS = 1024;

/**
 * Numbers distinct keys from 0. A key is `width` 32-bit words. Uses open addressing in typed arrays that double when they are full, and
 * creates no object for a key. The hash is seeded, so that a flood of chosen addresses cannot target one slot.
 */
export class KeyIndex {
  /** The key that `find`, `add` and `replace` use. Callers fill it first. */
  readonly wanted: Int32Array;
  size = 0;
  /** The words of the keys, one key after another. Longer than needed. */
  words: Int32Array;
  private readonly width: number;
  private hashes: Int32Array;
  /** The number of the key in each slot, plus 1. At most half of the slots are in use. */
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

  /** The number of the wanted key, or -1 if it is new. */
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

  /** Adds the wanted key, which `find` has just reported as new, and returns its number. */
  add(): number {
    const number = this.size;
    if (number === this.hashes.length) this.grow();
    this.size += 1;
    this.put(number);
    return number;
  }

  /** Replaces the key with this number by the wanted key, which `find` has just reported as new. */
  replace(number: number): void {
    this.remove(number);
    this.put(number);
  }

  /** Word `at` of the key with this number. */
  word(number: number, at: number): number {
    return this.words[number * this.width + at] as number;
  }

  /** Orders keys by their words, as unsigned numbers. */
  compare(one: number, other: number): number {
    for (let at = 0; at < this.width; at += 1) {
      const difference = (this.word(one, at) >>> 0) - (this.word(other, at) >>> 0);
      if (difference !== 0) return difference;
    }
    return 0;
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

  /** Removes a key and closes the gap, where searches would end early: later keys shift up, but never before their first slot. */
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

/** A copy with this length, filled up with zeros. */
export function longer<Kind extends Uint8Array | Int32Array | Uint32Array | Float64Array>(values: Kind, length: number): Kind {
  const copy = new (values.constructor as new (length: number) => Kind)(length);
  copy.set(values);
  return copy;
}

function randomWord(): number {
  return (Math.random() * 4_294_967_296) | 0;
}
