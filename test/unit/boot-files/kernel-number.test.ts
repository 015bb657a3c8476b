import { expect, it } from 'vitest';
import { kernelNumber } from '../../../src/boot-files/kernel-number.ts';

it.each([
  ['0', 0],
  ['65536', 65536],
  ['-1', -1],
  ['010', 8],
  ['0x20', 32],
  ['0X1f', 31],
  ['-0', 0],
])('reads %s as the kernel does: %i', (text, value) => {
  expect(kernelNumber(text)).toBe(value);
});

it.each(['', '-', '64k', 'abc', '089', '0x', '1,2', '+5', '1.5', '12345678901234567890'])('refuses %j', (text) => {
  expect(kernelNumber(text)).toBeUndefined();
});
