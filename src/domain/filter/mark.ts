/** `mark & mask` must equal `value`; unsigned 32-bit. */
export interface MaskedMark {
  readonly value: number;
  readonly mask: number;
}

const NUMBER = /^(?:0x[0-9a-f]{1,8}|0|[1-9][0-9]{0,9})$/i;
const ALL_BITS = 0xffffffff;

/** `16`, `0x10`, `0x10/0xff`; `undefined` also for a value with bits outside the mask. */
export function parseMark(text: string): MaskedMark | undefined {
  const [value, mask = ALL_BITS, ...rest] = text.split('/').map(parseBits);
  if (value === undefined || rest.length > 0 || Number.isNaN(value) || Number.isNaN(mask)) return undefined;
  return (value & ~mask) === 0 ? { value, mask } : undefined;
}

export function formatMark({ value, mask }: MaskedMark): string {
  return mask === ALL_BITS ? hexadecimal(value) : `${hexadecimal(value)}/${hexadecimal(mask)}`;
}

function parseBits(text: string): number {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return value <= ALL_BITS ? value : Number.NaN;
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`;
}
