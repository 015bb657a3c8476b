import { describe, expect, it } from 'vitest';
import { idInSecret, newTokenSecret } from '../../../src/journal/tokens/token-secret.ts';

describe('a token secret', () => {
  it('has the documented form and contains its id', () => {
    const { id, text } = newTokenSecret();
    expect(text).toMatch(/^ctapi_[0-9a-f]{12}_[0-9a-f]{64}[0-9a-f]{8}$/);
    expect(idInSecret(text)).toBe(id);
  });

  it('ends with the CRC-32 of everything before it', () => {
    // python3 -c 'import zlib; print("%08x" % zlib.crc32(b"ctapi_0123456789ab_" + b"0" * 64))'
    expect(idInSecret(`ctapi_0123456789ab_${'0'.repeat(64)}b6d34c06`)).toBe('0123456789ab');
  });

  it('is unique', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newTokenSecret().text)).size).toBe(1000);
  });

  it('is invalid with any one character changed, missing or added', () => {
    const { text } = newTokenSecret();
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === '0' ? '1' : '0';
      expect(idInSecret(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
      expect(idInSecret(text.slice(0, at) + text.slice(at + 1))).toBeUndefined();
    }
    expect(idInSecret(`${text}0`)).toBeUndefined();
    expect(idInSecret(`${text}\n`)).toBeUndefined();
  });
});
