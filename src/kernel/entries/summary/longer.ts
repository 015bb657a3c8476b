type Numbers = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** A copy with this length; what is new in it is 0. */
export function longer<Kind extends Numbers>(values: Kind, length: number): Kind {
  const copy = new (values.constructor as new (length: number) => Kind)(length);
  copy.set(values);
  return copy;
}
