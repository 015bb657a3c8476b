/** A JSON value. Numbers are finite. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The canonical text of a JSON value (RFC 8785): equal values have equal texts. Keys are sorted by UTF-16 code unit, there is no whitespace,
 * and numbers and strings are written as ECMAScript writes them. As in `JSON.stringify`, fields that are undefined are left out.
 *
 * Differs from the RFC in one point: half a surrogate pair is written as its escape instead of being refused, so that a request that
 * contains one can still be recorded and compared.
 *
 * @throws RangeError for a number that is not finite
 * @throws TypeError for a value that JSON does not have
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`JSON has finite numbers only: found ${value}`);
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') throw new TypeError(`JSON has no value of type ${typeof value}`);
  return Array.isArray(value) ? `[${value.map(canonicalJson).join(',')}]` : canonicalObject(value);
}

function canonicalObject(value: object): string {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}
