import type { ByteWriter } from './byte-writer.ts';
import { commentTrailer, type EntryFormat } from './entry-format.ts';
import { writeEntryId } from './entry-id.ts';
import { hasLabel, nanosecondTime, protocolName } from './entry-values.ts';
import { ABSENT, AF_INET, IPPROTO, STATUS, STATUS_BITS, stateName, type EntryView, type TupleView } from './entry-view.ts';
import { writeAddress } from './ip-text.ts';

/** The order is part of the interface: new columns are appended. `status` and `labels` are lists separated by spaces. */
const COLUMNS: readonly string[] = [
  ...['id', 'family', 'protocol', 'protocolNumber', 'state', 'timeoutSeconds', 'status'],
  ...['original', 'reply'].flatMap((direction) => [
    ...['Source', 'Destination', 'SourcePort', 'DestinationPort', 'IcmpType', 'IcmpCode', 'IcmpId'].map((name) => direction + name),
    ...['SourceKey', 'DestinationKey', 'Packets', 'Bytes'].map((name) => direction + name),
  ]),
  ...['mark', 'zone', 'originalZone', 'replyZone', 'secctx', 'ageSeconds', 'offload'],
  ...['original', 'reply'].flatMap((direction) => [
    ...['WindowScale', 'TcpFlags', 'SequenceCorrection', 'SequenceOffsetBefore', 'SequenceOffsetAfter'].map((name) => direction + name),
  ]),
  ...['helper', 'labels', 'startedAt', 'stoppedAt', 'use', 'secmark', 'originalVtag', 'replyVtag'],
  ...['Isn', 'Its', 'Tsoff'].map((name) => `synproxy${name}`),
  ...['Protocol', 'ProtocolNumber', 'Source', 'Destination', 'SourcePort', 'DestinationPort', 'IcmpType', 'IcmpCode', 'IcmpId'].map(
    (name) => `master${name}`,
  ),
  ...['masterSourceKey', 'masterDestinationKey'],
];

/** RFC 4180, with a trailer that is a comment line. */
export const CSV: EntryFormat = {
  header: `${COLUMNS.join(',')}\r\n`,
  write: writeRow,
  trailer: (summary) => `${commentTrailer(summary)}\r\n`,
};

const QUOTE = 0x22;
const SPACE = 0x20;
const COMMA = 0x2c;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** Each cell but the last writes the comma that follows it. */
function writeRow(view: EntryView, out: ByteWriter): void {
  writeEntryId(view, out);
  out.ascii(view.family === AF_INET ? ',ipv4,' : ',ipv6,');
  textCell(protocolName(view.protocol), out);
  numberCell(view.protocol, out);
  textCell(stateName(view) ?? '', out);
  numberCell(view.timeout, out);
  textCell(statusText(view.status), out);
  writeTuple(view, view.original, out);
  writeTuple(view, view.reply, out);
  if (view.hasMark) out.decimal(view.mark >>> 0);
  out.comma();
  numberCell(view.zone, out);
  numberCell(view.original.zone, out);
  numberCell(view.reply.zone, out);
  octetsCell(view, view.secctx, view.secctxLength, out);
  numberCell(view.age, out);
  textCell((view.status & (STATUS.offload | STATUS.hardwareOffload)) !== 0 ? 'true' : '', out);
  writeTcp(view.original, out);
  writeTcp(view.reply, out);
  octetsCell(view, view.helper, view.helperLength, out);
  labelsCell(view, out);
  textCell(view.hasStart ? nanosecondTime(view.startHigh, view.startLow) : '', out);
  textCell(view.hasStop ? nanosecondTime(view.stopHigh, view.stopLow) : '', out);
  numberCell(view.use, out);
  wordCell(view.hasSecmark, view.secmark, out);
  wordCell(view.original.hasVtag, view.original.vtag, out);
  wordCell(view.reply.hasVtag, view.reply.vtag, out);
  wordCell(view.hasSynproxy, view.synproxyIsn, out);
  wordCell(view.hasSynproxy, view.synproxyIts, out);
  wordCell(view.hasSynproxy, view.synproxyTsoff, out);
  writeMaster(view, out);
  // The comma behind the last cell.
  out.at -= 1;
  out.octet(CARRIAGE_RETURN);
  out.octet(LINE_FEED);
}

function writeMaster(view: EntryView, out: ByteWriter): void {
  const { masterProtocol } = view;
  if (masterProtocol === ABSENT) out.ascii(',,,,,,,,,,,');
  else {
    textCell(protocolName(masterProtocol), out);
    numberCell(masterProtocol, out);
    writeEnds(view, masterProtocol, view.master, out);
  }
}

function writeTuple(view: EntryView, tuple: TupleView, out: ByteWriter): void {
  writeEnds(view, view.protocol, tuple, out);
  if (tuple.hasCounters) out.decimal64(tuple.packetsHigh, tuple.packetsLow);
  out.comma();
  if (tuple.hasCounters) out.decimal64(tuple.bytesHigh, tuple.bytesLow);
  out.comma();
}

function writeEnds({ bytes, family }: EntryView, protocol: number, tuple: TupleView, out: ByteWriter): void {
  const isGre = protocol === IPPROTO.gre;
  writeAddress(family, bytes, tuple.source, out);
  out.comma();
  writeAddress(family, bytes, tuple.destination, out);
  out.comma();
  numberCell(isGre ? ABSENT : tuple.sourcePort, out);
  numberCell(isGre ? ABSENT : tuple.destinationPort, out);
  numberCell(tuple.icmpType, out);
  numberCell(tuple.icmpCode, out);
  numberCell(tuple.icmpId, out);
  numberCell(isGre ? tuple.sourcePort : ABSENT, out);
  numberCell(isGre ? tuple.destinationPort : ABSENT, out);
}

function writeTcp(tuple: TupleView, out: ByteWriter): void {
  numberCell(tuple.windowScale, out);
  numberCell(tuple.tcpFlags, out);
  if (tuple.hasSequenceAdjust) {
    out.ascii(`${String(tuple.sequenceCorrection >>> 0)},${String(tuple.sequenceOffsetBefore)},${String(tuple.sequenceOffsetAfter)},`);
  } else out.ascii(',,,');
}

function numberCell(value: number, out: ByteWriter): void {
  if (value !== ABSENT) out.decimal(value);
  out.comma();
}

/** A 32-bit number, if the entry has it. */
function wordCell(isThere: boolean, value: number, out: ByteWriter): void {
  if (isThere) out.decimal(value >>> 0);
  out.comma();
}

/** For text of this program, which needs no quotes. */
function textCell(text: string, out: ByteWriter): void {
  out.ascii(text);
  out.comma();
}

/** For text from the kernel, quoted if it needs quotes. */
function octetsCell({ bytes }: EntryView, from: number, length: number, out: ByteWriter): void {
  const quotes = needsQuotes(bytes, from, length);
  if (quotes) out.octet(QUOTE);
  for (let at = from; at < from + length; at += 1) {
    const octet = bytes[at] as number;
    if (octet === QUOTE) out.octet(QUOTE);
    out.octet(octet);
  }
  if (quotes) out.octet(QUOTE);
  out.comma();
}

function needsQuotes(bytes: Uint8Array, from: number, length: number): boolean {
  for (let at = from; at < from + length; at += 1) {
    const octet = bytes[at];
    if (octet === COMMA || octet === QUOTE || octet === CARRIAGE_RETURN || octet === LINE_FEED) return true;
  }
  return false;
}

function labelsCell(view: EntryView, out: ByteWriter): void {
  const start = out.at;
  for (let label = 0; label < view.labelsLength * 8; label += 1) {
    if (!hasLabel(view, label)) continue;
    if (out.at > start) out.octet(SPACE);
    out.decimal(label);
  }
  out.comma();
}

/** Names of the bits, cached by status: tables contain few distinct values. */
const STATUS_TEXTS = new Map<number, string>();

function statusText(status: number): string {
  let text = STATUS_TEXTS.get(status);
  if (text === undefined) {
    text = STATUS_BITS.filter((_, bit) => (status & (1 << bit)) !== 0).join(' ');
    STATUS_TEXTS.set(status, text);
  }
  return text;
}
