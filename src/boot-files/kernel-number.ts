const SHAPE = /^(-?)(?:0x([0-9a-f]+)|0([0-7]*)|([1-9][0-9]*))$/i;

/** An integer as the kernel parses it (base 0: `010` is 8, `0x20` is 32); `undefined` for text that the kernel rejects. */
export function kernelNumber(text: string): number | undefined {
  const [, sign, hexadecimal, octal, decimal] = SHAPE.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const magnitude = parse(hexadecimal, 16) ?? parse(decimal, 10) ?? parse(octal, 8) ?? 0;
  if (!Number.isSafeInteger(magnitude)) return undefined;
  return sign === '' || magnitude === 0 ? magnitude : -magnitude;
}

function parse(digits: string | undefined, base: number): number | undefined {
  return digits ? Number.parseInt(digits, base) : undefined;
}
