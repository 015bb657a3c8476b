import { literal, OVERSHOOT_BYTES, type ByteWriter, type Literal } from './byte-writer.ts';
import { writeEntryId } from './entry-id.ts';
import { hasLabel, nanosecondTime, protocolName } from './entry-values.ts';
import { ABSENT, AF_INET, IPPROTO, STATUS, STATUS_BITS, stateName, type EntryView, type TupleView } from './entry-view.ts';

const ID = literal('{"id":"');
const TIMEOUT = literal(',"timeoutSeconds":');
const SOURCE = literal('{"source":"');
const DESTINATION = literal('","destination":"');
const SOURCE_PORT = literal('","sourcePort":');
const DESTINATION_PORT = literal(',"destinationPort":');
const SOURCE_KEY = literal('","sourceKey":');
const DESTINATION_KEY = literal(',"destinationKey":');
const ICMP_TYPE = literal('","icmpType":');
const ICMP_CODE = literal(',"icmpCode":');
const ICMP_ID = literal(',"icmpId":');
const PACKETS = literal(',"packets":"');
const BYTES = literal('","bytes":"');
const WINDOW_SCALE = literal(',"windowScale":');
const TCP_FLAGS = literal(',"tcpFlags":');
const SEQUENCE_ADJUST = literal(',"sequenceAdjust":{"correction":');
const OFFSET_BEFORE = literal(',"offsetBefore":');
const OFFSET_AFTER = literal(',"offsetAfter":');
const VTAG = literal(',"vtag":');
const REPLY = literal(',"reply":');
const MARK = literal(',"mark":');
const ZONE = literal(',"zone":');
const ZONE_ORIGINAL = literal(',"originalZone":');
const ZONE_REPLY = literal(',"replyZone":');
const HELPER = literal(',"helper":"');
const LABELS = literal(',"labels":[');
const SECCTX = literal(',"secctx":"');
const STARTED = literal(',"startedAt":"');
const STOPPED = literal(',"stoppedAt":"');
const AGE = literal(',"ageSeconds":');
const USE = literal(',"use":');
const OFFLOAD = literal(',"offload":true');
const SECMARK = literal(',"secmark":');
const SYNPROXY_ISN = literal(',"synproxy":{"isn":');
const SYNPROXY_ITS = literal(',"its":');
const SYNPROXY_TSOFF = literal(',"tsoff":');
const MASTER = literal(',"master":{"protocol":"');
const MASTER_NUMBER = literal('","protocolNumber":');
const MASTER_SOURCE = literal(',"source":"');
const END = literal('}\n');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/** Everything except the texts, whose length the kernel does not limit. Each octet of a text takes at most six bytes. */
const FIXED_BYTES_MAX = 3_072;
const ESCAPED_OCTET_BYTES = 6;

/** An upper bound of the bytes that a line of this entry takes. */
export function lineBytesMax(view: EntryView): number {
  return FIXED_BYTES_MAX + OVERSHOOT_BYTES + ESCAPED_OCTET_BYTES * (view.helperLength + view.secctxLength);
}

/** Writes one entry as a line of JSON with the keys of `Entry`, in their order, without creating objects or strings. */
export function writeNdjson(view: EntryView, out: ByteWriter): void {
  out.raw(ID);
  writeEntryId(view, out);
  out.raw(prefixOf(view));
  if (view.timeout !== ABSENT) {
    out.raw(TIMEOUT);
    out.decimal(view.timeout);
  }
  out.raw(statusText(view.status));
  writeTuple(view, view.original, out);
  out.raw(REPLY);
  writeTuple(view, view.reply, out);
  if (view.hasMark) {
    out.raw(MARK);
    out.decimal(view.mark >>> 0);
  }
  writeZones(view, out);
  if (view.helperLength > 0) writeText(HELPER, view.bytes, view.helper, view.helperLength, out);
  if (view.labelsLength > 0) writeLabels(view, out);
  if (view.secctxLength > 0) writeText(SECCTX, view.bytes, view.secctx, view.secctxLength, out);
  if (view.hasSecmark) writeNumber(SECMARK, view.secmark >>> 0, out);
  if (view.hasStart) writeTime(STARTED, view.startHigh, view.startLow, out);
  if (view.hasStop) writeTime(STOPPED, view.stopHigh, view.stopLow, out);
  if (view.age !== ABSENT) writeNumber(AGE, view.age, out);
  if (view.use !== ABSENT) writeNumber(USE, view.use, out);
  if ((view.status & (STATUS.offload | STATUS.hardwareOffload)) !== 0) out.raw(OFFLOAD);
  if (view.hasSynproxy) writeSynproxy(view, out);
  if (view.masterProtocol !== ABSENT) writeMaster(view, out);
  out.raw(END);
}

function writeTuple(view: EntryView, tuple: TupleView, out: ByteWriter): void {
  out.raw(SOURCE);
  writeEnds(view, view.protocol, tuple, out);
  if (tuple.hasCounters) {
    out.raw(PACKETS);
    out.decimal64(tuple.packetsHigh, tuple.packetsLow);
    out.raw(BYTES);
    out.decimal64(tuple.bytesHigh, tuple.bytesLow);
    out.octet(QUOTE);
  }
  if (tuple.windowScale !== ABSENT) writeNumber(WINDOW_SCALE, tuple.windowScale, out);
  if (tuple.tcpFlags !== ABSENT) writeNumber(TCP_FLAGS, tuple.tcpFlags, out);
  if (tuple.hasSequenceAdjust) writeSequenceAdjust(tuple, out);
  if (tuple.hasVtag) writeNumber(VTAG, tuple.vtag >>> 0, out);
  out.octet(CLOSE_BRACE);
}

/** The source address, whose key is written, and what identifies the flow beside it. */
function writeEnds({ bytes, family }: EntryView, protocol: number, tuple: TupleView, out: ByteWriter): void {
  if (family === AF_INET) out.ipv4(bytes, tuple.source);
  else out.ipv6(bytes, tuple.source);
  out.raw(DESTINATION);
  if (family === AF_INET) out.ipv4(bytes, tuple.destination);
  else out.ipv6(bytes, tuple.destination);
  if (tuple.sourcePort !== ABSENT) {
    const isGre = protocol === IPPROTO.gre;
    out.raw(isGre ? SOURCE_KEY : SOURCE_PORT);
    out.decimal(tuple.sourcePort);
    out.raw(isGre ? DESTINATION_KEY : DESTINATION_PORT);
    out.decimal(tuple.destinationPort);
  } else if (tuple.icmpType !== ABSENT) {
    out.raw(ICMP_TYPE);
    out.decimal(tuple.icmpType);
    if (tuple.icmpCode !== ABSENT) writeNumber(ICMP_CODE, tuple.icmpCode, out);
    if (tuple.icmpId !== ABSENT) writeNumber(ICMP_ID, tuple.icmpId, out);
  } else out.octet(QUOTE);
}

function writeMaster(view: EntryView, out: ByteWriter): void {
  const { masterProtocol } = view;
  out.raw(MASTER);
  out.ascii(protocolName(masterProtocol));
  writeNumber(MASTER_NUMBER, masterProtocol, out);
  out.raw(MASTER_SOURCE);
  writeEnds(view, masterProtocol, view.master, out);
  out.octet(CLOSE_BRACE);
}

function writeSynproxy({ synproxyIsn, synproxyIts, synproxyTsoff }: EntryView, out: ByteWriter): void {
  writeNumber(SYNPROXY_ISN, synproxyIsn >>> 0, out);
  writeNumber(SYNPROXY_ITS, synproxyIts >>> 0, out);
  writeNumber(SYNPROXY_TSOFF, synproxyTsoff >>> 0, out);
  out.octet(CLOSE_BRACE);
}

function writeSequenceAdjust(tuple: TupleView, out: ByteWriter): void {
  writeNumber(SEQUENCE_ADJUST, tuple.sequenceCorrection >>> 0, out);
  out.raw(OFFSET_BEFORE);
  out.ascii(String(tuple.sequenceOffsetBefore));
  out.raw(OFFSET_AFTER);
  out.ascii(String(tuple.sequenceOffsetAfter));
  out.octet(CLOSE_BRACE);
}

function writeZones(view: EntryView, out: ByteWriter): void {
  if (view.zone !== ABSENT) writeNumber(ZONE, view.zone, out);
  if (view.original.zone !== ABSENT) writeNumber(ZONE_ORIGINAL, view.original.zone, out);
  if (view.reply.zone !== ABSENT) writeNumber(ZONE_REPLY, view.reply.zone, out);
}

function writeNumber(name: Literal, value: number, out: ByteWriter): void {
  out.raw(name);
  out.decimal(value);
}

function writeTime(name: Literal, high: number, low: number, out: ByteWriter): void {
  out.raw(name);
  out.ascii(nanosecondTime(high, low));
  out.octet(QUOTE);
}

function writeLabels(view: EntryView, out: ByteWriter): void {
  out.raw(LABELS);
  let isFirst = true;
  for (let label = 0; label < view.labelsLength * 8; label += 1) {
    if (!hasLabel(view, label)) continue;
    if (!isFirst) out.comma();
    isFirst = false;
    out.decimal(label);
  }
  out.octet(CLOSE_BRACKET);
}

/** Writes text from the kernel as Latin-1: each octet becomes the character with the same number. */
function writeText(name: Literal, bytes: Uint8Array, from: number, length: number, out: ByteWriter): void {
  out.raw(name);
  for (let at = from; at < from + length; at += 1) {
    const octet = bytes[at] as number;
    if (octet >= 0x20 && octet < 0x7f && octet !== QUOTE && octet !== BACKSLASH) out.octet(octet);
    else out.ascii(`\\u00${octet.toString(16).padStart(2, '0')}`);
  }
  out.octet(QUOTE);
}

/** Family, protocol and state as JSON, cached by their combination: tables contain few distinct ones. */
const STATES = 16;
const PREFIXES = new Array<Literal | undefined>(2 * 256 * STATES).fill(undefined);

function prefixOf(view: EntryView): Literal {
  const state = view.state + 1 < STATES ? view.state + 1 : 0;
  const key = ((view.family === AF_INET ? 0 : 256) + view.protocol) * STATES + state;
  return (PREFIXES[key] ??= makePrefix(view));
}

function makePrefix(view: EntryView): Literal {
  const family = view.family === AF_INET ? 'ipv4' : 'ipv6';
  const state = stateName(view);
  const text = `","family":"${family}","protocol":"${protocolName(view.protocol)}","protocolNumber":${String(view.protocol)}`;
  return literal(state === undefined ? text : `${text},"state":"${state}"`);
}

const STATUS_TEXTS = new Array<Literal | undefined>(1 << STATUS_BITS.length).fill(undefined);

/** The names of the status bits, and the key that follows them. */
function statusText(status: number): Literal {
  const known = status & ((1 << STATUS_BITS.length) - 1);
  return (STATUS_TEXTS[known] ??= makeStatusText(known));
}

function makeStatusText(status: number): Literal {
  const names = STATUS_BITS.filter((_, bit) => (status & (1 << bit)) !== 0);
  return literal(`,"status":${JSON.stringify(names)},"original":`);
}
