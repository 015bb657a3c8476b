import { STATUS_NAMES, type Entry, type Tuple } from '../../domain/entry.ts';
import { parseAddress } from '../../domain/filter/address.ts';
import { parseEntryId } from './entry-id.ts';
import { ABSENT, AF_INET, AF_INET6, stateNumber, type EntryView, type TupleView } from './entry-view.ts';
import { addressBytes } from './ip-text.ts';

/** An entry as a text source has it: without an id, unless the id contains the kernel's CTA_ID. */
export type ParsedEntry = Omit<Entry, 'id'> & { readonly id?: string };

/** 128 labels. */
const LABEL_BYTES = 16;

/**
 * Fills the view from an entry, so that entries from a text source pass through the same filters, formats and summaries as those from
 * ctnetlink. The view then points into a new buffer. A state that is unknown for the protocol is omitted.
 */
export function fillView(entry: ParsedEntry, view: EntryView): void {
  const family = entry.family === 'ipv4' ? AF_INET : AF_INET6;
  const length = addressBytes(family);
  const { helper = '', secctx = '', labels, master } = entry;
  const labelsLength = labels === undefined ? 0 : LABEL_BYTES;
  view.clear(new Uint8Array(6 * length + helper.length + secctx.length + labelsLength));
  view.family = family;
  view.protocol = entry.protocolNumber;
  fillTuple(entry.original, view, view.original, 0);
  fillTuple(entry.reply, view, view.reply, 2 * length);
  if (master !== undefined) {
    view.master.clear();
    fillTuple(master, view, view.master, 4 * length);
    view.masterProtocol = master.protocolNumber;
  }
  view.helper = putText(helper, view.bytes, 6 * length);
  view.helperLength = helper.length;
  view.secctx = putText(secctx, view.bytes, view.helper + helper.length);
  view.secctxLength = secctx.length;
  view.labels = view.secctx + secctx.length;
  view.labelsLength = labelsLength;
  for (const label of labels ?? []) setBit(view.bytes, view.labels, label);
  fillNumbers(entry, view);
  fillTimes(entry, view);
  fillId(entry, view);
}

function fillNumbers(entry: ParsedEntry, view: EntryView): void {
  view.state = entry.state === undefined ? ABSENT : stateNumber(entry.protocolNumber, entry.state);
  view.timeout = entry.timeoutSeconds ?? ABSENT;
  for (const name of entry.status) view.status |= 1 << STATUS_NAMES.indexOf(name);
  view.hasMark = entry.mark !== undefined;
  view.mark = (entry.mark ?? 0) | 0;
  view.hasSecmark = entry.secmark !== undefined;
  view.secmark = (entry.secmark ?? 0) | 0;
  view.hasSynproxy = entry.synproxy !== undefined;
  view.synproxyIsn = (entry.synproxy?.isn ?? 0) | 0;
  view.synproxyIts = (entry.synproxy?.its ?? 0) | 0;
  view.synproxyTsoff = (entry.synproxy?.tsoff ?? 0) | 0;
  view.zone = entry.zone ?? ABSENT;
  view.original.zone = entry.originalZone ?? ABSENT;
  view.reply.zone = entry.replyZone ?? ABSENT;
  view.age = entry.ageSeconds ?? ABSENT;
  view.use = entry.use ?? ABSENT;
}

function fillTuple(tuple: Tuple, { bytes, family }: EntryView, view: TupleView, at: number): void {
  view.source = at;
  view.destination = at + addressBytes(family);
  putAddress(tuple.source, bytes, view.source);
  putAddress(tuple.destination, bytes, view.destination);
  view.sourcePort = tuple.sourcePort ?? tuple.sourceKey ?? ABSENT;
  view.destinationPort = tuple.destinationPort ?? tuple.destinationKey ?? ABSENT;
  view.icmpType = tuple.icmpType ?? ABSENT;
  view.icmpCode = tuple.icmpCode ?? ABSENT;
  view.icmpId = tuple.icmpId ?? ABSENT;
  view.windowScale = tuple.windowScale ?? ABSENT;
  view.tcpFlags = tuple.tcpFlags ?? ABSENT;
  view.hasVtag = tuple.vtag !== undefined;
  view.vtag = (tuple.vtag ?? 0) | 0;
  fillCounters(tuple, view);
  if (tuple.sequenceAdjust === undefined) return;
  view.hasSequenceAdjust = true;
  view.sequenceCorrection = tuple.sequenceAdjust.correction | 0;
  view.sequenceOffsetBefore = tuple.sequenceAdjust.offsetBefore;
  view.sequenceOffsetAfter = tuple.sequenceAdjust.offsetAfter;
}

function fillCounters({ packets, bytes }: Tuple, view: TupleView): void {
  if (packets === undefined || bytes === undefined) return;
  view.hasCounters = true;
  [view.packetsHigh, view.packetsLow] = halves(packets);
  [view.bytesHigh, view.bytesLow] = halves(bytes);
}

function fillTimes({ startedAt, stoppedAt }: ParsedEntry, view: EntryView): void {
  view.hasStart = startedAt !== undefined;
  if (startedAt !== undefined) [view.startHigh, view.startLow] = halves(nanoseconds(startedAt));
  view.hasStop = stoppedAt !== undefined;
  if (stoppedAt !== undefined) [view.stopHigh, view.stopLow] = halves(nanoseconds(stoppedAt));
}

function fillId({ id = '' }: ParsedEntry, view: EntryView): void {
  const kernelId = id.includes('-') ? parseEntryId(id)?.id : undefined;
  view.hasId = kernelId !== undefined;
  view.id = (kernelId ?? 0) | 0;
}

const SAFE_DIGITS = 15;
const TWO_32 = 4_294_967_296;

/** The two signed halves of a 64-bit number. */
function halves(value: string | bigint): [number, number] {
  if (typeof value === 'string' && value.length <= SAFE_DIGITS) return [(Number(value) / TWO_32) | 0, Number(value) | 0];
  const bits = BigInt(value);
  return [Number(BigInt.asIntN(32, bits >> 32n)), Number(BigInt.asIntN(32, bits))];
}

/** Since the epoch. @param time RFC 3339, UTC, with nanoseconds */
function nanoseconds(time: string): bigint {
  return BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, 29));
}

function putAddress(text: string, bytes: Uint8Array, at: number): void {
  const octets = parseAddress(text);
  if (octets === undefined) throw new RangeError(`${text} is not an IP address`);
  bytes.set(octets, at);
}

/** Copies the text to `at` and returns `at`. */
function putText(text: string, bytes: Uint8Array, at: number): number {
  for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
  return at;
}

function setBit(bytes: Uint8Array, from: number, bit: number): void {
  bytes[from + (bit >>> 3)] = (bytes[from + (bit >>> 3)] ?? 0) | (1 << (bit & 7));
}
