import type { ByteWriter } from './byte-writer.ts';
import { commentTrailer, type EntryFormat } from './entry-format.ts';
import { protocolName } from './entry-values.ts';
import { ABSENT, AF_INET, IPPROTO, STATE_NAMES, STATUS, stateName, type EntryView, type TupleView } from './entry-view.ts';
import { writeAddress } from './ip-text.ts';

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const LAYER3_IPV4 = 'ipv4     2 ';
const LAYER3_IPV6 = 'ipv6     10 ';
const NAME_WIDTH = 8;

/**
 * The lines of `conntrack -L -o extended`, for scripts that parse that command's output. Like the command, it omits labels, ids,
 * verification tags, the numbers of SYNPROXY and the master. A DCCP
 * state has the kernel's name. The trailer is a comment line.
 *
 * @param nowSeconds seconds since the epoch, from which the age of an entry is computed
 */
export function extendedFormat(nowSeconds: () => number): EntryFormat {
  return {
    header: '',
    write: (view, out) => {
      writeLine(view, nowSeconds, out);
    },
    trailer: (summary) => `${commentTrailer(summary)}\n`,
  };
}

export const EXTENDED = extendedFormat(() => Math.floor(Date.now() / 1_000));

/** Each column writes the space that follows it. The last space becomes the line feed. */
function writeLine(view: EntryView, nowSeconds: () => number, out: ByteWriter): void {
  const { status } = view;
  out.ascii(view.family === AF_INET ? LAYER3_IPV4 : LAYER3_IPV6);
  out.ascii(protocolColumns(view.protocol));
  if (view.timeout !== ABSENT) {
    out.decimal(view.timeout);
    out.octet(SPACE);
  }
  writeState(view, out);
  writeTuple(view, view.original, 'zone-orig=', out);
  if ((status & STATUS.seenReply) === 0) out.ascii('[UNREPLIED] ');
  writeTuple(view, view.reply, 'zone-reply=', out);
  if ((status & STATUS.hardwareOffload) !== 0) out.ascii('[HW_OFFLOAD] ');
  else if ((status & STATUS.offload) !== 0) out.ascii('[OFFLOAD] ');
  else if ((status & STATUS.assured) !== 0) out.ascii('[ASSURED] ');
  if (view.hasMark) writeNumber('mark=', view.mark >>> 0, out);
  if (view.hasSecmark) writeNumber('secmark=', view.secmark >>> 0, out);
  if (view.secctxLength > 0) writeText('secctx=', view, view.secctx, view.secctxLength, out);
  // ctnetlink omits zone 0; a text source may include it.
  if (view.zone > 0) writeNumber('zone=', view.zone, out);
  const age = ageSeconds(view, nowSeconds);
  if (age !== ABSENT) writeNumber('delta-time=', age, out);
  if (view.helperLength > 0) writeText('helper=', view, view.helper, view.helperLength, out);
  if (view.use !== ABSENT) writeNumber('use=', view.use, out);
  out.bytes[out.at - 1] = LINE_FEED;
}

function writeState(view: EntryView, out: ByteWriter): void {
  if (view.state === ABSENT || !STATE_NAMES.has(view.protocol)) return;
  out.ascii(stateName(view) ?? 'NONE');
  out.octet(SPACE);
}

function writeTuple(view: EntryView, tuple: TupleView, zone: string, out: ByteWriter): void {
  out.ascii('src=');
  writeAddress(view.family, view.bytes, tuple.source, out);
  out.ascii(' dst=');
  writeAddress(view.family, view.bytes, tuple.destination, out);
  out.octet(SPACE);
  writeEnds(view.protocol, tuple, out);
  if (tuple.zone !== ABSENT) writeNumber(zone, tuple.zone, out);
  if (tuple.hasCounters) {
    out.ascii('packets=');
    out.decimal64(tuple.packetsHigh, tuple.packetsLow);
    out.ascii(' bytes=');
    out.decimal64(tuple.bytesHigh, tuple.bytesLow);
    out.octet(SPACE);
  }
}

/** Fields by protocol, with 0 for what the kernel did not send: newer kernels do not track the ports of DCCP. */
function writeEnds(protocol: number, tuple: TupleView, out: ByteWriter): void {
  switch (protocol) {
    case IPPROTO.tcp:
    case IPPROTO.udp:
    case IPPROTO.udplite:
    case IPPROTO.sctp:
    case IPPROTO.dccp:
      writeNumber('sport=', orZero(tuple.sourcePort), out);
      writeNumber('dport=', orZero(tuple.destinationPort), out);
      break;
    case IPPROTO.gre:
      writeKey('srckey=0x', orZero(tuple.sourcePort), out);
      writeKey('dstkey=0x', orZero(tuple.destinationPort), out);
      break;
    case IPPROTO.icmp:
    case IPPROTO.icmpv6:
      writeNumber('type=', orZero(tuple.icmpType), out);
      writeNumber('code=', orZero(tuple.icmpCode), out);
      writeNumber('id=', orZero(tuple.icmpId), out);
      break;
  }
}

function ageSeconds(view: EntryView, nowSeconds: () => number): number {
  if (!view.hasStart) return view.age;
  const end = view.hasStop ? secondsOf(view.stopHigh, view.stopLow) : nowSeconds();
  return Math.max(0, end - secondsOf(view.startHigh, view.startLow));
}

function secondsOf(high: number, low: number): number {
  return Number(((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) / 1_000_000_000n);
}

function writeNumber(key: string, value: number, out: ByteWriter): void {
  out.ascii(key);
  out.decimal(value);
  out.octet(SPACE);
}

function writeKey(key: string, value: number, out: ByteWriter): void {
  out.ascii(`${key}${value.toString(16)} `);
}

function writeText(key: string, { bytes }: EntryView, from: number, length: number, out: ByteWriter): void {
  out.ascii(key);
  for (let at = from; at < from + length; at += 1) out.octet(bytes[at] as number);
  out.octet(SPACE);
}

function orZero(value: number): number {
  return value === ABSENT ? 0 : value;
}

/** Name and number of each protocol, by number. */
const PROTOCOL_COLUMNS = Array.from({ length: 256 }, (_, number) => `${protocolName(number).padEnd(NAME_WIDTH)} ${String(number)} `);

function protocolColumns(protocol: number): string {
  return PROTOCOL_COLUMNS[protocol] ?? '';
}
