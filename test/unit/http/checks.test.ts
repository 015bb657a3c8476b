import { describe, expect, it } from 'vitest';
import { isDecimal, isLine, isTimestamp } from '../../../src/http/input/checks.ts';

describe('numbers in query parameters', () => {
  it.each(['0', '443', '65535'])('accepts %s for a port', (text) => {
    expect(isDecimal(0, 65_535)(text)).toBe(true);
  });

  it.each(['65536', '-1', '+1', '01', '1.0', '1e3', '0x50', ' 1', '', '99999999999999999999'])('refuses %s for a port', (text) => {
    expect(isDecimal(0, 65_535)(text)).toBe(false);
  });
});

describe('timestamps', () => {
  it.each(['2026-11-27T00:00:00Z', '2026-11-27T00:00:00.123456+01:00', '2024-02-29T23:59:59Z'])('accepts %s', (text) => {
    expect(isTimestamp(text)).toBe(true);
  });

  it.each([
    '2026-11-27',
    '2026-11-27T00:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-27T25:00:00Z',
    'yesterday',
    '0',
    5,
  ])('refuses %s', (value) => {
    expect(isTimestamp(value)).toBe(false);
  });
});

describe('a line of free text', () => {
  it.each(['black friday', 'größer – ticket #7', 'متجر', 'हिन्दी', '黒字 🚀', 'x'.repeat(500)])('accepts %s', (text) => {
    expect(isLine(500)(text)).toBe(true);
  });

  it.each([
    '',
    '   ',
    'a\nb',
    'a\u0000b',
    'a\u001b[31mb',
    'a\u202eb',
    '\ud800',
    'a\u200bb',
    'a\u200db',
    'a\u200eb',
    'a\u061cb',
    'a\u2060b',
    '\ufeffa',
    'a\u00adb',
    'a\u180eb',
    'a\ufe0fb',
    'a\u{e0041}b',
    'a\u3164b',
    'a\u2800b',
    'a\ue000b',
    'a\u206ab',
    'x'.repeat(501),
    5,
    null,
  ])('refuses %j', (value) => {
    expect(isLine(500)(value)).toBe(false);
  });
});
