/** Text that is written often, in pieces of eight characters, each of which one store copies. */
export interface Literal {
  /** Numbers that are never calculated with; ASCII makes no NaN, whose bits an engine may change. */
  readonly pieces: Float64Array;
  readonly length: number;
}

/** @throws RangeError for what is not ASCII */
export function literal(text: string): Literal {
  if (!/^[ -~\r\n]*$/.test(text)) throw new RangeError('A literal is printable ASCII.');
  const bytes = Buffer.alloc(Math.ceil(text.length / 8) * 8);
  bytes.write(text, 'latin1');
  return { pieces: Float64Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readDoubleLE(index * 8)), length: text.length };
}
