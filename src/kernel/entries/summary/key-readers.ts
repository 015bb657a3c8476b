import type { SummaryKey, SummaryKeyParts } from '../../../domain/entry-summary.ts';
import { protocolName } from '../entry-values.ts';
import { ABSENT, type EntryView, IPPROTO, STATE_NAMES, STATUS } from '../entry-view.ts';
import { ADDRESS_WORDS, readAddress, wordsText } from './address-words.ts';

/** Returns word `at` of a key. */
type Words = (at: number) => number;

/** How a key is read from an entry as 32-bit words, and converted to the parts of a result row. */
export interface KeyReader {
  /** Number of words of a key. */
  readonly width: number;
  /** Fills all words of `key`. Returns false if the entry has no such key. */
  readonly read: (view: EntryView, key: Int32Array) => boolean;
  readonly parts: (word: Words) => SummaryKeyParts;
}

/** Address keys begin with the family, which distinguishes IPv4 from IPv6 addresses. */
const FAMILY = 0;
const FIRST = 1;
const SECOND = FIRST + ADDRESS_WORDS;

/** `NF_CT_HELPER_NAME_LEN`: 16 bytes with the final NUL, as four words. */
const HELPER_WORDS = 4;

/** The directions that a zone applies to; precedes the zone in the key. */
const BOTH = 0;
const ORIGINAL = 1;
const REPLY = 2;

export const KEY_READERS: Readonly<Record<SummaryKey, KeyReader>> = {
  source: addressReader('source', (view) => view.original.source),
  destination: addressReader('destination', (view) => view.original.destination),
  pair: {
    width: SECOND + ADDRESS_WORDS,
    read: (view, key) => {
      key[FAMILY] = view.family;
      readAddress(view, view.original.source, key, FIRST);
      readAddress(view, view.original.destination, key, SECOND);
      return true;
    },
    parts: (word) => ({ source: wordsText(word(FAMILY), word, FIRST), destination: wordsText(word(FAMILY), word, SECOND) }),
  },
  sourcePort: portReader('sourcePort'),
  destinationPort: portReader('destinationPort'),
  protocol: {
    width: 1,
    read: (view, key) => {
      key[0] = view.protocol;
      return true;
    },
    parts: (word) => protocolParts(word(0)),
  },
  state: {
    width: 2,
    read: (view, key) => {
      key[0] = view.protocol;
      key[1] = view.state;
      return view.state !== ABSENT;
    },
    parts: (word) => ({ ...protocolParts(word(0)), state: STATE_NAMES.get(word(0))?.[word(1)] ?? String(word(1)) }),
  },
  mark: {
    width: 1,
    read: (view, key) => {
      key[0] = view.hasMark ? view.mark : 0;
      return true;
    },
    parts: (word) => ({ mark: word(0) >>> 0 }),
  },
  zone: { width: 2, read: readZone, parts: zoneParts },
  helper: { width: HELPER_WORDS, read: readHelper, parts: (word) => ({ helper: helperText(word) }) },
  natSource: addressReader('natSource', (view) => (view.status & STATUS.sourceNat ? view.reply.destination : ABSENT)),
  natDestination: addressReader('natDestination', (view) => (view.status & STATUS.destinationNat ? view.reply.source : ABSENT)),
};

/** @param place the position of the address in the view's bytes; ABSENT if it has none */
function addressReader(name: keyof SummaryKeyParts, place: (view: EntryView) => number): KeyReader {
  return {
    width: SECOND,
    read: (view, key) => {
      const at = place(view);
      if (at === ABSENT) return false;
      key[FAMILY] = view.family;
      readAddress(view, at, key, FIRST);
      return true;
    },
    parts: (word) => ({ [name]: wordsText(word(FAMILY), word, FIRST) }),
  };
}

function portReader(name: 'sourcePort' | 'destinationPort'): KeyReader {
  return {
    width: 2,
    read: (view, key) => {
      key[0] = view.protocol;
      key[1] = view.original[name];
      // GRE flows have call ids there.
      return view.original[name] !== ABSENT && view.protocol !== IPPROTO.gre;
    },
    parts: (word) => ({ ...protocolParts(word(0)), [name]: word(1) }),
  };
}

function protocolParts(protocolNumber: number): SummaryKeyParts {
  return { protocol: protocolName(protocolNumber), protocolNumber };
}

function readZone(view: EntryView, key: Int32Array): boolean {
  key[0] = BOTH;
  key[1] = 0;
  if (view.zone !== ABSENT) {
    key[1] = view.zone;
  } else if (view.original.zone !== ABSENT) {
    key[0] = ORIGINAL;
    key[1] = view.original.zone;
  } else if (view.reply.zone !== ABSENT) {
    key[0] = REPLY;
    key[1] = view.reply.zone;
  }
  return true;
}

/** Fills up with NUL. A longer name, which no kernel has, is cut. */
function readHelper({ bytes, helper, helperLength }: EntryView, key: Int32Array): boolean {
  const octet = (at: number): number => (at < helperLength ? (bytes[helper + at] as number) : 0);
  for (let word = 0; word < HELPER_WORDS; word += 1)
    key[word] = (octet(4 * word) << 24) | (octet(4 * word + 1) << 16) | (octet(4 * word + 2) << 8) | octet(4 * word + 3);
  return helperLength > 0;
}

function helperText(word: Words): string {
  const octets = Array.from({ length: HELPER_WORDS }, (_, at) => [word(at) >>> 24, word(at) >>> 16, word(at) >>> 8, word(at)]).flat();
  return String.fromCharCode(...octets.map((octet) => octet & 0xff).filter((octet) => octet !== 0));
}

function zoneParts(word: Words): SummaryKeyParts {
  switch (word(0)) {
    case ORIGINAL:
      return { originalZone: word(1) };
    case REPLY:
      return { replyZone: word(1) };
    default:
      return { zone: word(1) };
  }
}
