import { STATUS_NAMES, type Entry, type MasterTuple, type Tuple } from '../../../../src/domain/entry.ts';
import { parseAddress } from '../../../../src/domain/filter/address.ts';
import { AF_INET, AF_INET6, IPPROTO, STATE_NAMES } from '../../../../src/kernel/entries/entry-view.ts';
import {
  CT_NEW,
  CTA,
  CTA_COUNTERS,
  CTA_HELP,
  CTA_IP,
  CTA_PROTO,
  CTA_PROTOINFO,
  CTA_PROTOINFO_SCTP,
  CTA_PROTOINFO_TCP,
  CTA_SECCTX,
  CTA_SEQADJ,
  CTA_SYNPROXY,
  CTA_TIMESTAMP,
  CTA_TUPLE,
} from '../../../../src/kernel/netlink/ctnetlink.ts';
import { MessageWriter } from '../../../../src/kernel/netlink/message-writer.ts';

type Part = (writer: MessageWriter) => void;

/** The message that the kernel would send for this entry, as one part for each attribute. */
export function attributesOf(entry: Entry): readonly Part[] {
  const { status, timeoutSeconds, mark, zone, use, original, reply } = entry;
  const id = /-([0-9a-f]{8})$/.exec(entry.id)?.[1];
  const parts: (Part | false)[] = [
    tuple(CTA.tupleOriginal, entry, original, entry.originalZone),
    tuple(CTA.tupleReply, entry, reply, entry.replyZone),
    (writer) => writer.word(CTA.status, bitsOf(status)),
    timeoutSeconds !== undefined && ((writer) => writer.word(CTA.timeout, timeoutSeconds)),
    mark !== undefined && ((writer) => writer.word(CTA.mark, mark)),
    zone !== undefined && ((writer) => writer.short(CTA.zone, zone)),
    use !== undefined && ((writer) => writer.word(CTA.use, use)),
    id !== undefined && ((writer) => writer.word(CTA.id, Number.parseInt(id, 16))),
    ...extensions(entry),
    ...directions(original, CTA.countersOriginal, CTA.sequenceAdjustOriginal),
    ...directions(reply, CTA.countersReply, CTA.sequenceAdjustReply),
  ];
  return parts.filter((part) => part !== false);
}

export function messageOf(family: Entry['family'], parts: readonly Part[]): Buffer {
  const writer = new MessageWriter().begin(CT_NEW, 0, family === 'ipv4' ? AF_INET : AF_INET6, 1);
  for (const part of parts) part(writer);
  return Buffer.from(writer.finish().bytes);
}

function bitsOf(names: Entry['status']): number {
  return names.reduce((bits, name) => bits | (1 << STATUS_NAMES.indexOf(name)), 0);
}

function tuple(
  type: number,
  { family, protocolNumber }: Pick<Entry, 'family' | 'protocolNumber'>,
  ends: Tuple | MasterTuple,
  zone: number | undefined,
): Part {
  const [source, destination] = family === 'ipv4' ? [CTA_IP.v4Source, CTA_IP.v4Destination] : [CTA_IP.v6Source, CTA_IP.v6Destination];
  return (writer) => {
    writer.nest(type, () => {
      writer.nest(CTA_TUPLE.ip, () => {
        writer.octets(source, parseAddress(ends.source) ?? new Uint8Array());
        writer.octets(destination, parseAddress(ends.destination) ?? new Uint8Array());
      });
      writer.nest(CTA_TUPLE.protocol, () => {
        writeProtocol(writer, protocolNumber, ends);
      });
      if (zone !== undefined) writer.short(CTA_TUPLE.zone, zone);
    });
  };
}

function writeProtocol(writer: MessageWriter, protocol: number, ends: Tuple | MasterTuple): void {
  const { icmpType, icmpCode = 0, icmpId = 0 } = ends;
  const [source, destination] = [ends.sourcePort ?? ends.sourceKey, ends.destinationPort ?? ends.destinationKey];
  writer.octet(CTA_PROTO.number, protocol);
  if (source !== undefined) writer.short(CTA_PROTO.sourcePort, source);
  if (destination !== undefined) writer.short(CTA_PROTO.destinationPort, destination);
  if (icmpType === undefined) return;
  const v6 = protocol === IPPROTO.icmpv6;
  writer.short(v6 ? CTA_PROTO.icmpv6Id : CTA_PROTO.icmpId, icmpId);
  writer.octet(v6 ? CTA_PROTO.icmpv6Type : CTA_PROTO.icmpType, icmpType);
  writer.octet(v6 ? CTA_PROTO.icmpv6Code : CTA_PROTO.icmpCode, icmpCode);
}

/** As the kernel sends them: texts end with NUL, labels have sixteen octets. */
function extensions(entry: Entry): readonly (Part | false)[] {
  const { family, helper, secctx, secmark, labels, startedAt, stoppedAt, synproxy, master } = entry;
  const text = (octets: string): Buffer => Buffer.from(`${octets}\0`, 'latin1');
  return [
    protocolInfo(entry),
    helper !== undefined && ((writer) => writer.nest(CTA.help, () => writer.octets(CTA_HELP.name, text(helper)))),
    secctx !== undefined && ((writer) => writer.nest(CTA.secctx, () => writer.octets(CTA_SECCTX.name, text(secctx)))),
    secmark !== undefined && ((writer) => writer.word(CTA.secmark, secmark)),
    master !== undefined && tuple(CTA.tupleMaster, { family, protocolNumber: master.protocolNumber }, master, undefined),
    synproxy !== undefined &&
      ((writer) =>
        writer.nest(CTA.synproxy, () =>
          writer.word(CTA_SYNPROXY.isn, synproxy.isn).word(CTA_SYNPROXY.its, synproxy.its).word(CTA_SYNPROXY.tsoff, synproxy.tsoff),
        )),
    labels !== undefined && ((writer) => writer.octets(CTA.labels, labelOctets(labels))),
    (startedAt ?? stoppedAt) !== undefined &&
      ((writer) =>
        writer.nest(CTA.timestamp, () => {
          if (startedAt !== undefined) writer.octets(CTA_TIMESTAMP.start, octets64(nanoseconds(startedAt)));
          if (stoppedAt !== undefined) writer.octets(CTA_TIMESTAMP.stop, octets64(nanoseconds(stoppedAt)));
        })),
  ];
}

function protocolInfo({ protocolNumber, state, original, reply }: Entry): Part | false {
  const number = state === undefined ? undefined : STATE_NAMES.get(protocolNumber)?.indexOf(state);
  const kind = { [IPPROTO.tcp]: CTA_PROTOINFO.tcp, [IPPROTO.dccp]: CTA_PROTOINFO.dccp, [IPPROTO.sctp]: CTA_PROTOINFO.sctp }[protocolNumber];
  if (kind === undefined) return false;
  return (writer) => {
    writer.nest(CTA.protocolInfo, () => {
      writer.nest(kind, () => {
        if (number !== undefined) writer.octet(CTA_PROTOINFO_TCP.state, number);
        const { windowScaleOriginal, windowScaleReply, flagsOriginal, flagsReply } = CTA_PROTOINFO_TCP;
        if (original.windowScale !== undefined) writer.octet(windowScaleOriginal, original.windowScale);
        if (reply.windowScale !== undefined) writer.octet(windowScaleReply, reply.windowScale);
        // struct nf_ct_tcp_flags: flags, then a mask.
        if (original.tcpFlags !== undefined) writer.octets(flagsOriginal, Uint8Array.of(original.tcpFlags, 0xff));
        if (reply.tcpFlags !== undefined) writer.octets(flagsReply, Uint8Array.of(reply.tcpFlags, 0xff));
        if (original.vtag !== undefined) writer.word(CTA_PROTOINFO_SCTP.vtagOriginal, original.vtag);
        if (reply.vtag !== undefined) writer.word(CTA_PROTOINFO_SCTP.vtagReply, reply.vtag);
      });
    });
  };
}

function directions({ packets, bytes, sequenceAdjust }: Tuple, counters: number, adjustment: number): readonly (Part | false)[] {
  return [
    packets !== undefined &&
      bytes !== undefined &&
      ((writer) =>
        writer.nest(counters, () => {
          writer.octets(CTA_COUNTERS.packets, octets64(BigInt(packets))).octets(CTA_COUNTERS.bytes, octets64(BigInt(bytes)));
        })),
    sequenceAdjust !== undefined &&
      ((writer) =>
        writer.nest(adjustment, () => {
          writer.word(CTA_SEQADJ.correction, sequenceAdjust.correction);
          writer.word(CTA_SEQADJ.offsetBefore, sequenceAdjust.offsetBefore).word(CTA_SEQADJ.offsetAfter, sequenceAdjust.offsetAfter);
        })),
  ];
}

function octets64(value: bigint): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(value);
  return octets;
}

function labelOctets(labels: readonly number[]): Buffer {
  const octets = Buffer.alloc(16);
  for (const label of labels) octets[label >>> 3] = (octets[label >>> 3] ?? 0) | (1 << (label & 7));
  return octets;
}

function nanoseconds(time: string): bigint {
  return BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, 29));
}
