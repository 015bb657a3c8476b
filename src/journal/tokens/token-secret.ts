import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface TokenSecret {
  /** Public part: 12 hexadecimal digits. */
  readonly id: string;
  /** `ctapi_<id>_<64 hexadecimal digits: 256 random bits><CRC-32 of everything before it>` */
  readonly text: string;
}

const FORM = /^(ctapi_([0-9a-f]{12})_[0-9a-f]{64})([0-9a-f]{8})$/;

export function newTokenSecret(): TokenSecret {
  const id = randomBytes(6).toString('hex');
  const body = `ctapi_${id}_${randomBytes(32).toString('hex')}`;
  return { id, text: body + checksum(body) };
}

/** The id in a well-formed secret. The checksum finds a mistyped secret without a lookup, and lets secret scanners recognize real ones. */
export function idInSecret(text: string): string | undefined {
  const [, body, id, sum] = FORM.exec(text) ?? [];
  return body !== undefined && checksum(body) === sum ? id : undefined;
}

/** Deliberately a fast hash: 256 random bits cannot be guessed, and a slow hash would let clients overload the service. */
export function secretSha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
