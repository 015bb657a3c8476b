import { factsOf } from '../../settings-catalogue.ts';
import type { SettingName } from '../../setting.ts';
import { KERNEL_BLANK } from './kernel-arguments.ts';

const INT_MAX = 2_147_483_647;
const BUCKETS_MAX = 268_435_455;
/** The kernel copies this many characters of a number, and refuses a longer one. */
const LONGEST_NUMBER = 20;
/** The lowest and highest HZ that kernels are built with: 100 allows the longest timeout, 1000 the shortest. */
const [SLOWEST, FASTEST] = [100, 1000];

const LEADING = new RegExp(`^[${KERNEL_BLANK}]+`);
/** A number ends at a blank, a tab or the end of the line; followed by anything else it is refused. */
const NUMBER = /^(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)(?=[ \t\n]|$)/;

/** How the kernel reads a text that is written to the file of a setting. */
export type KernelReading =
  | { readonly kind: 'accepted'; readonly value: number; readonly octal: boolean; readonly cut: boolean }
  | { readonly kind: 'refused'; readonly why: string; readonly outOfRange: boolean; readonly value?: number }
  /** It depends on the kernel's HZ, which is unknown. */
  | { readonly kind: 'uncertain'; readonly value: number; readonly why: string };

/** Reads `text` as a sysctl does. Measured on Linux 6.18: base 0, only the first word counts, ranges are enforced by type. */
export function readSysctl(name: SettingName, text: string, rules: { perPage: number; ticksPerSecond?: number }): KernelReading {
  const trimmed = text.replace(LEADING, '');
  const [word, sign, digits] = NUMBER.exec(trimmed) ?? [];
  if (word === undefined || sign === undefined || digits === undefined || word.length > LONGEST_NUMBER) return malformed(text);
  const value = sign === '-' ? -toNumber(digits) : toNumber(digits);
  const reading = {
    value: Object.is(value, -0) ? 0 : value,
    octal: /^0[0-7]+$/.test(digits),
    cut: trimmed.slice(word.length).trim() !== '',
  };
  return inRange(name, sign === '-', reading, rules);
}

type Number = Omit<Extract<KernelReading, { kind: 'accepted' }>, 'kind'>;

function inRange(name: SettingName, signed: boolean, read: Number, rules: { perPage: number; ticksPerSecond?: number }): KernelReading {
  const { value } = read;
  if (name === 'buckets') {
    if (value < 1 || value > BUCKETS_MAX) return outside(value, `1 to ${BUCKETS_MAX}`);
    return { kind: 'accepted', ...read, value: roundUp(value, rules.perPage) };
  }
  const { unit, minimum, maximum } = factsOf(name);
  if (unit === 'seconds') return timeout(read, rules.ticksPerSecond);
  if (unit === 'unknown') return Math.abs(value) > INT_MAX ? outside(value, `up to ${INT_MAX}`) : { kind: 'accepted', ...read };
  if (unit === 'bytes') return signed ? outside(value, 'no negative value') : { kind: 'accepted', ...read };
  // The catalogue's minimum of max is stricter than the kernel, which accepts 0 (no limit).
  const lowest = name === 'max' ? 0 : minimum;
  if (signed || value < lowest || value > maximum) return outside(value, `${lowest} to ${maximum}`);
  return { kind: 'accepted', ...read };
}

/** The kernel keeps a timeout in ticks, in an int, and accepts negative values. */
function timeout(read: Number, ticksPerSecond: number | undefined): KernelReading {
  const seconds = Math.abs(read.value);
  const ceiling = (ticks: number): number => Math.floor(INT_MAX / ticks);
  if (seconds > ceiling(ticksPerSecond ?? SLOWEST)) return outside(read.value, `up to ${ceiling(ticksPerSecond ?? SLOWEST)} seconds`);
  if (seconds <= ceiling(ticksPerSecond ?? FASTEST)) return { kind: 'accepted', ...read };
  return {
    kind: 'uncertain',
    value: read.value,
    why: `whether ${read.value} seconds are in range depends on the kernel's HZ, which is unknown`,
  };
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Digits in base 0, as the kernel reads them. A result above 2^53 is inexact, and out of every range. */
export function toNumber(digits: string): number {
  if (/^0x/i.test(digits)) return Number(digits.toLowerCase());
  return digits.startsWith('0') && digits !== '0' ? Number.parseInt(digits, 8) : Number(digits);
}

function malformed(text: string): KernelReading {
  return { kind: 'refused', why: `${JSON.stringify(text)} is not a number for the kernel`, outOfRange: false };
}

function outside(value: number, range: string): KernelReading {
  return { kind: 'refused', why: `${value} is out of range: the kernel accepts ${range}`, outOfRange: true, value };
}
