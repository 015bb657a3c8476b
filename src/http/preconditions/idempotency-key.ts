import { ConntrackError } from '../../domain/conntrack-error.ts';
import { foundIn } from '../input/printable.ts';

/** A structured-field string (RFC 9651, 3.3.3): printable ASCII in double quotes, with `"` and `\` escaped. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** The key without quotes, as many clients send it: no character that could start or end another value. */
const BARE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;
const MAX_LENGTH = 255;

/** The key in an `Idempotency-Key` header; `"key"` and `key` are equivalent. @throws ConntrackError `INVALID_REQUEST` */
export function idempotencyKeyIn(header: string): string {
  const key = QUOTED.exec(header)?.[1]?.replace(/\\(.)/g, '$1') ?? BARE.exec(header)?.[0] ?? '';
  if (key.length >= 1 && key.length <= MAX_LENGTH) return key;
  throw new ConntrackError('INVALID_REQUEST', 'The Idempotency-Key header is not a valid key.', {
    errors: [{ field: 'Idempotency-Key', expected: `1 to ${MAX_LENGTH} printable ASCII characters in double quotes`, ...foundIn(header) }],
  });
}
