import type { Entry, Family, Tuple } from '../../domain/entry.ts';
import type { ParsedEntry } from '../entries/entry-to-view.ts';
import { parseNumber, statusOf, takeWord, type EntryDraft } from './entry-draft.ts';

const STATE = /^[A-Z][A-Z0-9_]*$/;
/** The columns behind a security context, which may contain blanks and anything else. */
const CONTEXT = / secctx=(.*?)((?: zone=\d+)?(?: delta-time=\d+)? use=\d+ *)$/;
const PROTOCOL = /^[a-z][a-z0-9_-]*$/;

/**
 * Parses one line of `/proc/net/nf_conntrack` or of the legacy `/proc/net/ip_conntrack`, which has no layer 3 columns. `undefined` if it is
 * malformed. Reads by key: columns and their order vary with kernel version and configuration.
 */
export function parseEntryLine(line: string): ParsedEntry | undefined {
  const context = line.includes(' secctx=') ? CONTEXT.exec(line) : null;
  if (context === null) return parseWords(line);
  const [whole, secctx = '', rest = ''] = context;
  const entry = parseWords(line.slice(0, -whole.length) + rest);
  return entry && { ...entry, secctx };
}

function parseWords(line: string): ParsedEntry | undefined {
  const words = line.split(' ').filter((word) => word !== '');
  const tuples = words.findIndex((word) => word.startsWith('src='));
  if (tuples === -1) return undefined;
  const head = parseHead(words.slice(0, tuples));
  if (!head) return undefined;
  const draft: EntryDraft = { family: head.family, tuples: [], flags: new Set(), fields: {} };
  return words.slice(tuples).every((word) => takeWord(draft, word)) ? assemble(head, draft) : undefined;
}

type Head = Pick<Entry, 'family' | 'protocol' | 'protocolNumber' | 'state' | 'timeoutSeconds'>;

/** The columns before the first tuple: layer 3 name and number (modern only), protocol name and number, timeout, state, GRE's own timeouts. */
function parseHead(words: readonly string[]): Head | undefined {
  const modern = words[0] === 'ipv4' || words[0] === 'ipv6';
  const family: Family = words[0] === 'ipv6' ? 'ipv6' : 'ipv4';
  const [protocol = '', number = '', ...rest] = modern ? words.slice(2) : words;
  const protocolNumber = parseNumber(number, 255);
  if (!PROTOCOL.test(protocol) || protocolNumber === undefined) return undefined;
  const timeoutSeconds = parseNumber(rest[0] ?? '', Number.MAX_SAFE_INTEGER);
  const state = rest.find((word) => STATE.test(word));
  return {
    family,
    protocol,
    protocolNumber,
    ...(state !== undefined && { state }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

function assemble(head: Head, { tuples: [original, reply], flags, fields }: EntryDraft): ParsedEntry | undefined {
  if (!isWhole(original) || !isWhole(reply)) return undefined;
  const offload = flags.has('[OFFLOAD]') || flags.has('[HW_OFFLOAD]');
  return {
    ...head,
    status: statusOf(flags, original, reply),
    original,
    reply,
    ...fields,
    ...(offload && { offload }),
  };
}

function isWhole(tuple: Partial<Tuple> | undefined): tuple is Tuple {
  return tuple?.source !== undefined && tuple.destination !== undefined;
}
