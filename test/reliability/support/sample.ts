/** At most `amount` of the indices 0 to `length` - 1, evenly spread, the last one included. */
export function evenly(length: number, amount: number): readonly number[] {
  const taken = Math.min(length, amount);
  return Array.from({ length: taken }, (_none, index) => Math.ceil(((index + 1) * length) / taken) - 1);
}
