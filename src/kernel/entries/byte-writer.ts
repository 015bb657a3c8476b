import { writeIpv6 } from '../../domain/filter/address.ts';
import { DIGITS, FOUR_DIGITS, OCTET_DOT, OCTET_DOT_LENGTH, OCTET_HEX, TEN_THOUSAND } from './ascii-tables.ts';

const ZERO = 0x30;
const COMMA = 0x2c;

const BILLION = 1_000_000_000;
const TWO_32 = 4_294_967_296;

/** How far behind the last written byte a writer may overwrite the buffer. */
export const OVERSHOOT_BYTES = 8;

/** Text that is written often, split into pieces of eight characters so that one store copies each piece. */
export interface Literal {
  /** The bits of eight characters each, never used in arithmetic. ASCII never yields a NaN, whose bits an engine may change. */
  readonly pieces: Float64Array;
  readonly length: number;
}

/** @throws RangeError if the text is not printable ASCII */
export function literal(text: string): Literal {
  if (!/^[ -~\r\n]*$/.test(text)) throw new RangeError('A literal must be printable ASCII.');
  const bytes = Buffer.alloc(Math.ceil(text.length / 8) * 8);
  bytes.write(text, 'latin1');
  return { pieces: Float64Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readDoubleLE(index * 8)), length: text.length };
}

/**
 * Writes ASCII into a buffer from `at` on, without creating strings. The caller ensures that the buffer has room for the text and
 * OVERSHOOT_BYTES more. Most writes without enough room throw a RangeError.
 */
export class ByteWriter {
  at = 0;
  private target: Uint8Array;
  private view: DataView;

  constructor(bytes: Uint8Array) {
    this.target = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get bytes(): Uint8Array {
    return this.target;
  }

  /** Continues at the beginning of another buffer. */
  into(bytes: Uint8Array): void {
    this.target = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  raw({ pieces, length }: Literal): void {
    const { view, at } = this;
    for (let index = 0; index < pieces.length; index += 1) view.setFloat64(at + 8 * index, pieces[index] as number, true);
    this.at = at + length;
  }

  ascii(text: string): void {
    const { target } = this;
    let { at } = this;
    for (let index = 0; index < text.length; index += 1) target[at++] = text.charCodeAt(index);
    this.at = at;
  }

  octet(value: number): void {
    this.target[this.at++] = value;
  }

  comma(): void {
    this.target[this.at++] = COMMA;
  }

  /** An integer from 0 to 2^53. */
  decimal(value: number): void {
    if (value < TEN_THOUSAND) this.upToFour(value);
    else if (value < BILLION) {
      const high = (value / TEN_THOUSAND) | 0;
      if (high < TEN_THOUSAND) this.upToFour(high);
      else {
        const highest = (high / TEN_THOUSAND) | 0;
        this.upToFour(highest);
        this.four(high - highest * TEN_THOUSAND);
      }
      this.four(value - high * TEN_THOUSAND);
    } else {
      const high = Math.floor(value / BILLION);
      this.decimal(high);
      this.padded(value - high * BILLION, 9);
    }
  }

  /** An unsigned 64-bit integer, given as two 32-bit halves, signed or unsigned. */
  decimal64(high: number, low: number): void {
    if (high === 0 && low >= 0) this.decimal(low);
    else if (high >>> 0 < 0x20_0000) this.decimal((high >>> 0) * TWO_32 + (low >>> 0));
    else this.ascii(((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString());
  }

  /** Exactly `digits` digits, with leading zeros. @param value from 0 to 999,999,999 */
  padded(value: number, digits: number): void {
    let rest = value | 0;
    for (let place = this.at + digits - 1; place >= this.at; place -= 1) {
      const tens = (rest / 10) | 0;
      this.target[place] = ZERO + rest - tens * 10;
      rest = tens;
    }
    this.at += digits;
  }

  /** Two lower-case hexadecimal digits for each octet. */
  hex(source: Uint8Array, from: number, length: number): void {
    const { view, at } = this;
    for (let index = 0; index < length; index += 1) {
      view.setUint16(at + 2 * index, OCTET_HEX[source[from + index] as number] as number, true);
    }
    this.at = at + 2 * length;
  }

  hex8(value: number): void {
    this.view.setUint16(this.at, OCTET_HEX[value & 0xff] as number, true);
    this.at += 2;
  }

  hex16(value: number): void {
    this.view.setUint32(this.at, (OCTET_HEX[(value >>> 8) & 0xff] as number) | ((OCTET_HEX[value & 0xff] as number) << 16), true);
    this.at += 4;
  }

  hex32(value: number): void {
    this.hex16(value >>> 16);
    this.hex16(value);
  }

  /** Dotted decimal. */
  ipv4(source: Uint8Array, from: number): void {
    this.octetDot(source[from] as number);
    this.octetDot(source[from + 1] as number);
    this.octetDot(source[from + 2] as number);
    this.octetDot(source[from + 3] as number);
    this.at -= 1;
  }

  ipv6(source: Uint8Array, from: number): void {
    this.at = writeIpv6(source, from, this.target, this.at);
  }

  private octetDot(value: number): void {
    this.view.setUint32(this.at, OCTET_DOT[value] as number, true);
    this.at += OCTET_DOT_LENGTH[value] as number;
  }

  private four(value: number): void {
    this.view.setUint32(this.at, FOUR_DIGITS[value] as number, true);
    this.at += 4;
  }

  /** Without leading zeros. */
  private upToFour(value: number): void {
    const digits = DIGITS[value] as number;
    this.view.setUint32(this.at, (FOUR_DIGITS[value] as number) >>> (8 * (4 - digits)), true);
    this.at += digits;
  }
}
