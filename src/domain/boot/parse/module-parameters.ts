import type { BootLine } from '../boot-line.ts';
import type { KernelArgument } from './kernel-arguments.ts';
import { roundUp, toNumber } from './kernel-value.ts';

const UINT_MAX = 4_294_967_295;
const BUCKETS_MAX = 268_435_455;
/** As kstrtouint() in base 0: the whole text must be the number. */
const UNSIGNED = /^\+?(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)\n?$/i;

/** Parameters of the module and their types. */
const PARAMETERS: Readonly<Record<string, 'number' | 'boolean'>> = {
  hashsize: 'number',
  expect_hashsize: 'number',
  acct: 'boolean',
  tstamp: 'boolean',
  nf_conntrack_helper: 'boolean',
  enable_hooks: 'boolean',
};

/** Of every module: they do not reach its own code. */
const GENERIC = ['dyndbg', 'async_probe'];

export function isParameter(name: string): boolean {
  return Object.hasOwn(PARAMETERS, name) || GENERIC.includes(name);
}

export interface GivenParameter {
  readonly value: number;
  readonly at: BootLine;
}

export interface RefusedParameter {
  readonly name: string;
  readonly at: BootLine;
  readonly why: string;
  /** A number, but more than can be allocated: connection tracking does not start even if it is built in. */
  readonly tooLarge: boolean;
}

export interface ModuleParameters {
  /** The last value of each name. */
  readonly given: ReadonlyMap<string, GivenParameter>;
  /** Earlier values of the same name, in order. */
  readonly overridden: readonly { readonly name: string; readonly value: number; readonly at: BootLine; readonly by: BootLine }[];
  /** One of them keeps a module from loading; if connection tracking is built in, the kernel ignores it. */
  readonly refused: readonly RefusedParameter[];
}

export function readParameters(parameters: readonly KernelArgument[]): ModuleParameters {
  const given = new Map<string, GivenParameter>();
  const overridden: { name: string; value: number; at: BootLine; by: BootLine }[] = [];
  const refused: RefusedParameter[] = [];
  for (const { name, value: text, at } of parameters) {
    const kind = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    if (kind === undefined) continue;
    const value = kind === 'number' ? unsigned(text) : flag(text);
    if (value === undefined || (name === 'hashsize' && value > BUCKETS_MAX))
      refused.push({ name, at, why: whyRefused(name, text, value), tooLarge: value !== undefined });
    else {
      const earlier = given.get(name);
      if (earlier !== undefined) overridden.push({ name, ...earlier, by: at });
      given.set(name, { value, at });
    }
  }
  return { given, overridden, refused };
}

/** The settings that the kernel derives from the parameters. A hashsize of 0 counts as none. */
export function settingsFrom({ given }: ModuleParameters, bucketsPerPage: number): readonly (GivenParameter & { readonly name: string })[] {
  const hashsize = given.get('hashsize');
  const expectations = given.get('expect_hashsize');
  const found: (GivenParameter & { readonly name: string })[] = [];
  if (hashsize !== undefined && hashsize.value > 0) {
    const buckets = roundUp(hashsize.value, bucketsPerPage);
    found.push({ name: 'buckets', value: buckets, at: hashsize.at }, { name: 'max', value: 8 * buckets, at: hashsize.at });
    if ((expectations?.value ?? 0) === 0)
      found.push({ name: 'expect_max', value: 4 * Math.max(1, Math.floor(buckets / 256)), at: hashsize.at });
  }
  if (expectations !== undefined && expectations.value > 0)
    found.push({ ...expectations, name: 'expect_max', value: 4 * expectations.value });
  for (const [parameter, name] of [
    ['acct', 'acct'],
    ['tstamp', 'timestamp'],
    ['nf_conntrack_helper', 'helper'],
  ] as const) {
    const value = given.get(parameter);
    if (value !== undefined) found.push({ name, ...value });
  }
  return found;
}

function unsigned(text: string | undefined): number | undefined {
  const [, digits] = UNSIGNED.exec(text ?? '') ?? [];
  const value = digits === undefined ? undefined : toNumber(digits);
  return value === undefined || value > UINT_MAX ? undefined : value;
}

/** As kstrtobool(); without a value it is on. */
function flag(text: string | undefined): number | undefined {
  const first = (text ?? '1').slice(0, 2).toLowerCase();
  if (/^[yt1]/.test(first) || first === 'on') return 1;
  return /^[nf0]/.test(first) || first === 'of' ? 0 : undefined;
}

function whyRefused(name: string, text: string | undefined, value: number | undefined): string {
  if (text === undefined) return `${name} has no value (blanks around the equals sign are not allowed)`;
  if (value !== undefined) return `${name}=${text} is more than the kernel can allocate (at most ${BUCKETS_MAX})`;
  return `${name}=${text} is not a valid value for the kernel`;
}
