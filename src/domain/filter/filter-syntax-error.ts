/** A filter text that is not valid. */
export class FilterSyntaxError extends Error {
  /** Number of characters before the error, from 0 to the length of the text. */
  readonly position: number;
  readonly expected: string;
  /** The text at the position, in printable ASCII: a word, a sign, or `the end`. */
  readonly found: string;

  constructor(position: number, expected: string, found: string) {
    super(`expected ${expected} at position ${String(position)} of the filter, found ${found}`);
    this.name = 'FilterSyntaxError';
    this.position = position;
    this.expected = expected;
    this.found = found;
  }
}
