/** Each octet in decimal, followed by a dot, the first character in the low byte; and the number of characters. */
export const OCTET_DOT = new Uint32Array(256);
export const OCTET_DOT_LENGTH = new Uint8Array(256);
/** The two hexadecimal digits of each octet, the first in the low byte. */
export const OCTET_HEX = new Uint16Array(256);
for (let value = 0; value < 256; value += 1) {
  const text = `${String(value)}.`;
  OCTET_DOT[value] = packed(text);
  OCTET_DOT_LENGTH[value] = text.length;
  OCTET_HEX[value] = packed(value.toString(16).padStart(2, '0'));
}

export const TEN_THOUSAND = 10_000;
/** 0 to 9999 in four digits, and the number of digits without leading zeros. */
export const FOUR_DIGITS = new Uint32Array(TEN_THOUSAND);
export const DIGITS = new Uint8Array(TEN_THOUSAND);
for (let value = 0; value < TEN_THOUSAND; value += 1) {
  FOUR_DIGITS[value] = packed(String(value).padStart(4, '0'));
  DIGITS[value] = String(value).length;
}

/** Up to four characters as the bytes of a little-endian number. */
function packed(text: string): number {
  let value = 0;
  for (let at = 0; at < text.length; at += 1) value |= text.charCodeAt(at) << (8 * at);
  return value >>> 0;
}
