import { describe, expect, it } from 'vitest';
import { bytes, decimal, integer, percent, perSecond, short } from '../../../web/format/quantity.ts';
import { settingValue } from '../../../web/format/setting-value.ts';
import { countdown, duration } from '../../../web/format/time.ts';

describe('a quantity', () => {
  it('that is unknown is a dash', () => {
    for (const format of [integer, percent, decimal, bytes, perSecond]) expect(format(undefined)).toBe('–');
    expect(integer(0)).toBe('0');
  });

  it.each([
    [0, '0.0 %'],
    [0.0004, '< 0.1 %'],
    [0.0305, '3.0 %'],
    [0.76, '76 %'],
    [1.02, '102 %'],
  ])('%d is shown as the share %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [67_108_864, '64.0 MiB'],
    [1_610_612_736, '1.5 GiB'],
    [2 ** 60, '1048576 TiB'],
  ])('%d bytes are %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it.each([
    [0, '0/s'],
    [0.001, '< 0.01/s'],
    [0.25, '0.25/s'],
    [1234.5, '1,235/s'],
  ])('%d per second is %s: a rate above 0 is never shown as 0', (value, text) => {
    expect(perSecond(value)).toBe(text);
  });

  it('is short on an axis', () => {
    expect([0, 0.25, 999, 65_536, 2_000_000].map(short)).toEqual(['0', '0.25', '999', '65.5K', '2M']);
  });
});

describe('the value of a setting', () => {
  it.each([
    [432_000, 'seconds', '432,000 s (5 d)'],
    [7_440, 'seconds', '7,440 s (2 h 4 min)'],
    [30, 'seconds', '30 s'],
    [1, 'boolean', '1 (on)'],
    [0, 'boolean', '0 (off)'],
    [4_194_304, 'bytes', '4,194,304 B (4.0 MiB)'],
    [65_536, 'entries', '65,536'],
    [7, 'unknown', '7'],
    [undefined, 'seconds', '–'],
  ])('%s in %s is %s', (value, unit, text) => {
    expect(settingValue(value, unit)).toBe(text);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [61, '1 min 1 s'],
    [3_600, '1 h'],
    [90_061, '1 d 1 h'],
    [86_460, '1 d'],
  ])('of %d s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [120_000, '2:00'],
    [119_001, '2:00'],
    [119_000, '1:59'],
    [1, '0:01'],
    [0, '0:00'],
    [-5_000, '0:00'],
    [3_600_000, '1:00:00'],
  ])('of %d ms counts down as %s', (milliseconds, text) => {
    expect(countdown(milliseconds)).toBe(text);
  });
});
