import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface TokenSecret {
  /** Public part: 12 hex digits. */
  readonly id: string;
  /** `ctapi_<id>_<64 hex digits: 256 random bits><CRC-32 of all before it>` */
  readonly text: string;
}

const FORM = /^(ctapi_([0-9a-f]{12})_[0-9a-f]{64})([0-9a-f]{8})$/;

export function newTokenSecret(): TokenSecret {
  const id = randomBytes(6).toString('hex');
  const body = `ctapi_${id}_${randomBytes(32).toString('hex')}`;
  return { id, text: body + checksum(body) };
}

/** The id in a well-formed secret: a mistyped or truncated one is told without a look-up, and scanners can tell ours from noise. */
export function idInSecret(text: string): string | undefined {
  const [, body, id, sum] = FORM.exec(text) ?? [];
  return body !== undefined && checksum(body) === sum ? id : undefined;
}

/** Fast on purpose: nobody guesses 256 random bits, and a slow hash would let anyone keep the service busy. */
export function secretSha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
