import { isPlainLine } from '../../domain/plain-line.ts';

const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
/** A file name in /run/netns. */
export const NAMESPACE_NAME = /^[^/\0]{1,255}$/;

/** Canonical decimal text within a range, both ends included. */
export function isDecimal(minimum: number, maximum: number): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && DECIMAL.test(value) && Number(value) >= minimum && Number(value) <= maximum;
}

/** A JSON integer within a range, both ends included. `parseStrictJson` has turned every other number into a `NumberLiteral`. */
export function isInteger(minimum: number, maximum: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= minimum && value <= maximum;
}

/** A list without repetition. */
export function isListOf(values: readonly string[]): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(isOneOf(values)) && new Set(value).size === value.length;
}

/** A non-empty list, without repetition, of items that pass a check. */
export function isNonEmptyListOf(check: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.length > 0 && value.every(check) && new Set(value).size === value.length;
}

export function matches(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value);
}

export function isOneOf(values: readonly string[]): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && values.includes(value);
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** {@link isPlainLine} */
export function isLine(maximum: number): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && isPlainLine(value, maximum);
}

/** An RFC 3339 date and time of a day that exists. */
export function isTimestamp(value: unknown): value is string {
  if (typeof value !== 'string' || !RFC_3339.test(value)) return false;
  // JavaScript parses 30 February as 1 March, so the day is formatted again and compared.
  const day = value.slice(0, 10);
  return !Number.isNaN(Date.parse(value)) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
