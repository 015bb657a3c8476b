import {
  ENTRY_KEYS,
  STATUS_NAMES,
  TUPLE_KEYS,
  type Ends,
  type Entry,
  type MasterTuple,
  type SequenceAdjust,
  type Synproxy,
  type Tuple,
} from '../../domain/entry.ts';
import type { Json } from '../../domain/canonical-json.ts';
import type { StoredObject } from './stored-object.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const TEXTS = ['state', 'helper', 'secctx', 'startedAt', 'stoppedAt'] as const;
const INTEGERS = ['timeoutSeconds', 'mark', 'zone', 'originalZone', 'replyZone', 'ageSeconds', 'use', 'secmark'] as const;
const TUPLE_TEXTS = ['packets', 'bytes'] as const;
const END_INTEGERS = [
  ...(['sourcePort', 'destinationPort', 'icmpType', 'icmpCode', 'icmpId', 'sourceKey', 'destinationKey'] as const),
] as const;
const TUPLE_INTEGERS = ['windowScale', 'tcpFlags', 'vtag'] as const;

/** An entry with the field names of the API. */
export function encodeEntry(entry: Entry): Json {
  return { ...picked(entry, ENTRY_KEYS), original: encodeTuple(entry.original), reply: encodeTuple(entry.reply) };
}

function encodeTuple(tuple: Tuple): Json {
  const { sequenceAdjust } = tuple;
  return { ...picked(tuple, TUPLE_KEYS), ...(sequenceAdjust && { sequenceAdjust: encodeAdjust(sequenceAdjust) }) };
}

function encodeAdjust({ correction, offsetBefore, offsetAfter }: SequenceAdjust): Json {
  return { correction, offsetBefore, offsetAfter };
}

function picked<T extends object>(from: T, keys: readonly (keyof T & string)[]): Readonly<Record<string, Json>> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key] as Json]));
}

/** @throws Error with the name of a field that differs from what {@link encodeEntry} writes */
export function decodeEntry(stored: StoredObject): Entry {
  return {
    id: stored.text('id'),
    family: stored.oneOf('family', FAMILIES),
    protocol: stored.text('protocol'),
    protocolNumber: stored.integer('protocolNumber'),
    status: stored.textsOf('status', STATUS_NAMES),
    original: decodeTuple(stored.object('original')),
    reply: decodeTuple(stored.object('reply')),
    ...stored.optional(TEXTS, (name) => stored.text(name)),
    ...stored.optional(INTEGERS, (name) => stored.integer(name)),
    ...stored.optional(['labels'], (name) => stored.integers(name)),
    ...stored.optional(['offload'], (name) => stored.flag(name)),
    ...stored.optional(['synproxy'], (name) => decodeSynproxy(stored.object(name))),
    ...stored.optional(['master'], (name) => decodeMaster(stored.object(name))),
  };
}

function decodeSynproxy(stored: StoredObject): Synproxy {
  return { isn: stored.integer('isn'), its: stored.integer('its'), tsoff: stored.integer('tsoff') };
}

function decodeMaster(stored: StoredObject): MasterTuple {
  return { protocol: stored.text('protocol'), protocolNumber: stored.integer('protocolNumber'), ...decodeEnds(stored) };
}

function decodeEnds(stored: StoredObject): Ends {
  return {
    source: stored.text('source'),
    destination: stored.text('destination'),
    ...stored.optional(END_INTEGERS, (name) => stored.integer(name)),
  };
}

function decodeTuple(stored: StoredObject): Tuple {
  return {
    ...decodeEnds(stored),
    ...stored.optional(TUPLE_TEXTS, (name) => stored.text(name)),
    ...stored.optional(TUPLE_INTEGERS, (name) => stored.integer(name)),
    ...stored.optional(['sequenceAdjust'], (name) => decodeAdjust(stored.object(name))),
  };
}

function decodeAdjust(stored: StoredObject): SequenceAdjust {
  return {
    correction: stored.integer('correction'),
    offsetBefore: stored.integer('offsetBefore'),
    offsetAfter: stored.integer('offsetAfter'),
  };
}
