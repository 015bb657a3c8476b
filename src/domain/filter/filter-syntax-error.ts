/** A filter text that cannot be understood. */
export class FilterSyntaxError extends Error {
  /** Characters before the place, from 0 to the length of the text. */
  readonly position: number;
  readonly expected: string;
  /** What stands there, in printable ASCII: a word, a sign, or `the end`. */
  readonly found: string;

  constructor(position: number, expected: string, found: string) {
    super(`expected ${expected} at position ${String(position)} of the filter, found ${found}`);
    this.name = 'FilterSyntaxError';
    this.position = position;
    this.expected = expected;
    this.found = found;
  }
}
