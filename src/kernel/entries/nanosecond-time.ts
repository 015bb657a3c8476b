const NANOSECONDS = 1_000_000_000n;

/** RFC 3339, UTC, of nanoseconds since the epoch given as two halves. */
export function nanosecondTime(high: number, low: number): string {
  const nanoseconds = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const seconds = new Date(Number(nanoseconds / NANOSECONDS) * 1_000).toISOString().slice(0, 19);
  return `${seconds}.${(nanoseconds % NANOSECONDS).toString().padStart(9, '0')}Z`;
}
