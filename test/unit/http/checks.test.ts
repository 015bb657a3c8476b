import { describe, expect, it } from 'vitest';
import { isDecimal, isLine, isMark, isTimestamp, parseNetwork } from '../../../src/http/input/checks.ts';

describe('networks', () => {
  it.each([
    ['192.0.2.7', { family: 'ipv4', address: '192.0.2.7', prefixLength: 32 }],
    ['192.0.2.0/24', { family: 'ipv4', address: '192.0.2.0', prefixLength: 24 }],
    ['0.0.0.0/0', { family: 'ipv4', address: '0.0.0.0', prefixLength: 0 }],
    ['2001:db8::/32', { family: 'ipv6', address: '2001:db8::', prefixLength: 32 }],
    ['::1', { family: 'ipv6', address: '::1', prefixLength: 128 }],
  ])('reads %s', (text, expected) => {
    expect(parseNetwork(text)).toEqual(expected);
  });

  it.each([
    '',
    '10.0.0',
    '010.0.0.1',
    '10.0.0.1/33',
    '10.0.0.1/',
    '10.0.0.1/8/8',
    '10.0.0.1/08',
    '::1/129',
    'fe80::1%eth0',
    ' ::1',
    'host',
  ])('refuses %s', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});

describe('numbers in query parameters', () => {
  it.each(['0', '443', '65535'])('takes %s for a port', (text) => {
    expect(isDecimal(0, 65_535)(text)).toBe(true);
  });

  it.each(['65536', '-1', '+1', '01', '1.0', '1e3', '0x50', ' 1', '', '99999999999999999999'])('refuses %s for a port', (text) => {
    expect(isDecimal(0, 65_535)(text)).toBe(false);
  });

  it.each(['0', '4294967295', '0x0', '0xFFFFFFFF'])('takes %s for a mark', (text) => {
    expect(isMark(text)).toBe(true);
  });

  it.each(['4294967296', '0x100000000', '0x', 'ff', '-1'])('refuses %s for a mark', (text) => {
    expect(isMark(text)).toBe(false);
  });
});

describe('timestamps', () => {
  it.each(['2026-11-27T00:00:00Z', '2026-11-27T00:00:00.123456+01:00', '2024-02-29T23:59:59Z'])('takes %s', (text) => {
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

describe('text a person wrote', () => {
  it.each(['black friday', 'größer – ticket #7', 'x'.repeat(500)])('takes %s', (text) => {
    expect(isLine(500)(text)).toBe(true);
  });

  it.each(['', '   ', 'a\nb', 'a\u0000b', 'a\u001b[31mb', 'a\u202eb', '\ud800', 'x'.repeat(501), 5, null])('refuses %j', (value) => {
    expect(isLine(500)(value)).toBe(false);
  });
});
