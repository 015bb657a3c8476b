import { endianness } from 'node:os';
import type { ByteWriter } from './byte-writer.ts';
import { commentTrailer, type EntryFormat } from './entry-format.ts';
import { ABSENT, AF_INET, IPPROTO, STATUS, stateName, type EntryView } from './entry-view.ts';
import { addressBytes, writeAddress } from './ip-text.ts';

const SPACE = 0x20;
const LINE_FEED = 0x0a;

/**
 * The lines of `conntrack -L -o save`: options that `conntrack -R` reads to add the entries. Like the command, it omits marks, labels and
 * helpers. The trailer is a comment line, which `conntrack -R` ignores.
 */
export const SAVE: EntryFormat = {
  header: '',
  write: writeLine,
  trailer: (summary) => `${commentTrailer(summary)}\n`,
};

/** Each option writes the space that follows it. The last space becomes the line feed. */
function writeLine(view: EntryView, out: ByteWriter): void {
  out.ascii('-A ');
  option('-t', view.timeout, out);
  out.ascii(statusOption(view.status));
  if (view.hasSecmark) option('-c', view.secmark >>> 0, out);
  // ctnetlink omits zone 0; a text source may include it.
  if (view.zone > 0) option('-w', view.zone, out);
  option('--orig-zone', view.original.zone, out);
  option('--reply-zone', view.reply.zone, out);
  writeAddresses(view, out);
  writeProtocol(view, out);
  out.bytes[out.at - 1] = LINE_FEED;
}

const STATUSES = [
  [STATUS.expected, 'EXPECTED'],
  [STATUS.seenReply, 'SEEN_REPLY'],
  [STATUS.assured, 'ASSURED'],
  [STATUS.fixedTimeout, 'FIXED_TIMEOUT'],
] as const;

function statusOption(status: number): string {
  const names = STATUSES.flatMap(([bit, name]) => ((status & bit) === 0 ? [] : [name]));
  return `-u ${names.length === 0 ? 'UNSET' : names.join()} `;
}

function writeAddresses(view: EntryView, out: ByteWriter): void {
  const { original, reply } = view;
  address('-s', view, original.source, out);
  address('-d', view, original.destination, out);
  address(isEqual(view, original.destination, reply.source) ? '-r' : '-g', view, reply.source, out);
  address(isEqual(view, original.source, reply.destination) ? '-q' : '-n', view, reply.destination, out);
}

function isEqual({ bytes, family }: EntryView, one: number, other: number): boolean {
  for (let at = 0; at < addressBytes(family); at += 1) if (bytes[one + at] !== bytes[other + at]) return false;
  return true;
}

const NAMES = new Map<number, string>(Object.entries(IPPROTO).map(([name, number]) => [number, name]));
const PORTS = ['--sport', '--dport', '--reply-port-src', '--reply-port-dst'] as const;
const KEYS = ['--srckey', '--dstkey', '--reply-key-src', '--reply-key-dst'] as const;

function writeProtocol(view: EntryView, out: ByteWriter): void {
  const { protocol, original, reply } = view;
  out.ascii(`-p ${NAMES.get(protocol) ?? String(protocol)} `);
  if (!NAMES.has(protocol)) return;
  const [source, destination, replySource, replyDestination] = protocol === IPPROTO.gre ? KEYS : PORTS;
  option(source, original.sourcePort, out);
  option(destination, original.destinationPort, out);
  option(replySource, reply.sourcePort, out);
  option(replyDestination, reply.destinationPort, out);
  const icmp = view.family === AF_INET ? '--icmp' : '--icmpv6';
  option(`${icmp}-type`, original.icmpType, out);
  option(`${icmp}-code`, original.icmpCode, out);
  option(`${icmp}-id`, original.icmpId, out);
  const state = stateName(view);
  if (state !== undefined) out.ascii(`--state ${state} `);
  if (original.hasVtag) option('--orig-vtag', inHostOrder(original.vtag), out);
  if (reply.hasVtag) option('--reply-vtag', inHostOrder(reply.vtag), out);
}

/** conntrack(8) prints and reads the octets of a tag as a number of the host, without ntohl(3). */
function inHostOrder(tag: number): number {
  if (endianness() === 'BE') return tag >>> 0;
  return ((tag << 24) | ((tag & 0xff00) << 8) | ((tag >>> 8) & 0xff00) | (tag >>> 24)) >>> 0;
}

function option(name: string, value: number, out: ByteWriter): void {
  if (value === ABSENT) return;
  out.ascii(name);
  out.octet(SPACE);
  out.decimal(value);
  out.octet(SPACE);
}

function address(name: string, { family, bytes }: EntryView, at: number, out: ByteWriter): void {
  out.ascii(name);
  out.octet(SPACE);
  writeAddress(family, bytes, at, out);
  out.octet(SPACE);
}
