import { duration } from './time.ts';
import { bytes, integer, NOTHING } from './quantity.ts';

/** A value of a setting with its unit: `432,000 s (5 d)`, `1 (on)`. */
export function settingValue(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return NOTHING;
  switch (unit) {
    case 'seconds':
      return value < 120 ? `${integer(value)} s` : `${integer(value)} s (${duration(value)})`;
    case 'bytes':
      return value < 1024 ? `${integer(value)} B` : `${integer(value)} B (${bytes(value)})`;
    case 'boolean':
      return value === 0 ? '0 (off)' : value === 1 ? '1 (on)' : integer(value);
    default:
      return integer(value);
  }
}

/** The unit as a word beside a field; empty when the value needs none. */
export function unitWord(unit: string): string {
  return unit === 'unknown' || unit === 'boolean' ? '' : unit;
}
