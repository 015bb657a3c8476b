import { factsOf } from '../../settings-catalogue.ts';
import type { SettingName } from '../../setting.ts';
import { KERNEL_BLANK } from './kernel-space.ts';

const INT_MAX = 2_147_483_647;
const BUCKETS_MAX = 268_435_455;
/** The kernel copies so much of a number, and refuses one that fills the copy. */
const LONGEST_NUMBER = 20;
/** HZ of the kernels there are: 100 allows the longest timeout, 1000 the shortest. */
const [SLOWEST, FASTEST] = [100, 1000];

const LEADING = new RegExp(`^[${KERNEL_BLANK}]+`);
/** A number ends at a blank, a tab or the line; at anything else it is refused. */
const NUMBER = /^(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)(?=[ \t\n]|$)/;

/** What the kernel makes of a text written to a setting's file. */
export type KernelReading =
  | { readonly kind: 'accepted'; readonly value: number; readonly octal: boolean; readonly cut: boolean }
  | { readonly kind: 'refused'; readonly why: string; readonly outOfRange: boolean; readonly value?: number }
  /** It depends on the kernel's HZ, which is not known. */
  | { readonly kind: 'uncertain'; readonly value: number; readonly why: string };

/** What a sysctl makes of `text`. Measured on 6.18: base 0, the first word counts, ranges are enforced by type. */
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
  if (unit === 'bytes') return signed ? outside(value, 'nothing negative') : { kind: 'accepted', ...read };
  // The dictionary's minimum of max is a matter of sense: the kernel takes 0, which means no limit.
  const lowest = name === 'max' ? 0 : minimum;
  if (signed || value < lowest || value > maximum) return outside(value, `${lowest} to ${maximum}`);
  return { kind: 'accepted', ...read };
}

/** The kernel keeps a timeout in ticks, in an int; a negative one is taken. */
function timeout(read: Number, ticksPerSecond: number | undefined): KernelReading {
  const seconds = Math.abs(read.value);
  const ceiling = (ticks: number): number => Math.floor(INT_MAX / ticks);
  if (seconds > ceiling(ticksPerSecond ?? SLOWEST)) return outside(read.value, `up to ${ceiling(ticksPerSecond ?? SLOWEST)} seconds`);
  if (seconds <= ceiling(ticksPerSecond ?? FASTEST)) return { kind: 'accepted', ...read };
  return { kind: 'uncertain', value: read.value, why: `whether ${read.value} seconds fit depends on the kernel's HZ` };
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Digits as the kernel reads them in base 0; may pass 2^53, and is then out of every range. */
export function toNumber(digits: string): number {
  if (/^0x/i.test(digits)) return Number(digits.toLowerCase());
  return digits.startsWith('0') && digits !== '0' ? Number.parseInt(digits, 8) : Number(digits);
}

function malformed(text: string): KernelReading {
  return { kind: 'refused', why: `${JSON.stringify(text)} is no number to the kernel`, outOfRange: false };
}

function outside(value: number, range: string): KernelReading {
  return { kind: 'refused', why: `${value} is out of range: the kernel takes ${range}`, outOfRange: true, value };
}
