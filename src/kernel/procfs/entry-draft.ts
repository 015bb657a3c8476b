import type { Entry, Family, StatusName, Tuple } from '../../domain/entry.ts';
import { formatAddress, parseAddress } from '../../domain/filter/address.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A partially parsed line of the dump. */
export interface EntryDraft {
  readonly family: Family;
  readonly tuples: Partial<Mutable<Tuple>>[];
  readonly flags: Set<string>;
  readonly fields: Partial<Mutable<Omit<Entry, 'id' | 'family' | 'original' | 'reply'>>>;
}

/** Parses the value of one `key=value`; false if it is malformed. */
type Field = (draft: EntryDraft, text: string) => boolean;

const ADDRESS_OCTETS: Readonly<Record<Family, number>> = { ipv4: 4, ipv6: 16 };
const OCTET_MAX = 0xff;
const SHORT_MAX = 0xffff;
const WORD_MAX = 0xffff_ffff;
/** 64-bit counters. */
const COUNTER = /^\d{1,20}$/;
const DECIMAL = /^\d{1,15}$/;
const HEXADECIMAL = /^0x[0-9a-f]{1,8}$/;

/** All known keys. Others are ignored. */
const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['src', (draft, text) => draft.tuples.push({}) <= 2 && address(draft, 'source', text)],
  ['dst', (draft, text) => address(draft, 'destination', text)],
  ['sport', inTuple('sourcePort', SHORT_MAX)],
  ['dport', inTuple('destinationPort', SHORT_MAX)],
  ['type', inTuple('icmpType', OCTET_MAX)],
  ['code', inTuple('icmpCode', OCTET_MAX)],
  ['id', inTuple('icmpId', SHORT_MAX)],
  ['srckey', inTuple('sourceKey', SHORT_MAX)],
  ['dstkey', inTuple('destinationKey', SHORT_MAX)],
  ['packets', counter('packets')],
  ['bytes', counter('bytes')],
  ['mark', ofEntry('mark', WORD_MAX)],
  ['zone', ofEntry('zone', SHORT_MAX)],
  ['zone-orig', ofEntry('originalZone', SHORT_MAX)],
  ['zone-reply', ofEntry('replyZone', SHORT_MAX)],
  ['delta-time', ofEntry('ageSeconds', Number.MAX_SAFE_INTEGER)],
  ['use', ofEntry('use', WORD_MAX)],
  ['secmark', ofEntry('secmark', WORD_MAX)],
  ['secctx', (draft, text) => ((draft.fields.secctx = text), true)],
]);

/** False if the word is malformed, and so the line. */
export function takeWord(draft: EntryDraft, word: string): boolean {
  if (word.startsWith('[')) return Boolean(draft.flags.add(word));
  const equals = word.indexOf('=');
  const field = equals === -1 ? undefined : FIELDS.get(word.slice(0, equals));
  return field === undefined || field(draft, word.slice(equals + 1));
}

/**
 * Names of the status bits that a line shows, and of those that follow from its tuples. Always CONFIRMED: the table holds confirmed entries
 * only.
 */
export function statusOf(flags: ReadonlySet<string>, original: Tuple, reply: Tuple): readonly StatusName[] {
  const status: StatusName[] = ['CONFIRMED'];
  if (!flags.has('[UNREPLIED]')) status.push('SEEN_REPLY');
  if (flags.has('[ASSURED]')) status.push('ASSURED');
  if (isSourceTranslated(original, reply)) status.push('SRC_NAT');
  if (isDestinationTranslated(original, reply)) status.push('DST_NAT');
  if (flags.has('[OFFLOAD]')) status.push('OFFLOAD');
  if (flags.has('[HW_OFFLOAD]')) status.push('HW_OFFLOAD');
  return status;
}

/** Without NAT, the reply mirrors the original: conntrack(8) concludes the same. An ICMP id is translated as a source port is. */
function isSourceTranslated(original: Tuple, reply: Tuple): boolean {
  return (
    reply.destination !== original.source ||
    reply.destinationPort !== original.sourcePort ||
    reply.destinationKey !== original.sourceKey ||
    reply.icmpId !== original.icmpId
  );
}

function isDestinationTranslated(original: Tuple, reply: Tuple): boolean {
  return (
    reply.source !== original.destination || reply.sourcePort !== original.destinationPort || reply.sourceKey !== original.destinationKey
  );
}

/** A number as the kernel prints it, decimal or 0x, from 0 to `maximum`. */
export function parseNumber(text: string, maximum: number): number | undefined {
  if (!DECIMAL.test(text) && !HEXADECIMAL.test(text)) return undefined;
  const value = Number(text);
  return value <= maximum ? value : undefined;
}

function address(draft: EntryDraft, end: 'source' | 'destination', text: string): boolean {
  const tuple = draft.tuples.at(-1);
  const octets = parseAddress(text);
  if (!tuple || octets?.length !== ADDRESS_OCTETS[draft.family] || tuple[end] !== undefined) return false;
  tuple[end] = formatAddress(octets);
  return true;
}

type TupleNumber = 'sourcePort' | 'destinationPort' | 'icmpType' | 'icmpCode' | 'icmpId' | 'sourceKey' | 'destinationKey';

function inTuple(name: TupleNumber, maximum: number): Field {
  return ({ tuples }, text) => {
    const [tuple, value] = [tuples.at(-1), parseNumber(text, maximum)];
    if (!tuple || value === undefined) return false;
    tuple[name] = value;
    return true;
  };
}

function counter(name: 'packets' | 'bytes'): Field {
  return ({ tuples }, text) => {
    const tuple = tuples.at(-1);
    if (!tuple || !COUNTER.test(text)) return false;
    tuple[name] = text;
    return true;
  };
}

function ofEntry(name: 'mark' | 'zone' | 'originalZone' | 'replyZone' | 'ageSeconds' | 'use' | 'secmark', maximum: number): Field {
  return ({ fields }, text) => {
    const value = parseNumber(text, maximum);
    if (value === undefined) return false;
    fields[name] = value;
    return true;
  };
}
