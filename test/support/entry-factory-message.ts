import { AF_INET, IPPROTO } from '../../src/kernel/entries/entry-view.ts';
import {
  CTA,
  CTA_IP,
  CTA_PROTO,
  CTA_PROTOINFO,
  CTA_PROTOINFO_TCP,
  CTA_TUPLE,
  CT_DELETE,
  CT_NEW,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REQUEST,
} from '../../src/kernel/netlink/ctnetlink.ts';
import type { MessageWriter } from '../../src/kernel/netlink/message-writer.ts';
import type { MadeEntry } from './entry-factory-mix.ts';

/** `enum ctattr_nat` */
const CTA_NAT_V4 = { lowest: 1, highest: 2 } as const;
const ECHO = {
  [IPPROTO.icmp]: { id: CTA_PROTO.icmpId, type: CTA_PROTO.icmpType, code: CTA_PROTO.icmpCode, request: 8, reply: 0 },
  [IPPROTO.icmpv6]: { id: CTA_PROTO.icmpv6Id, type: CTA_PROTO.icmpv6Type, code: CTA_PROTO.icmpv6Code, request: 128, reply: 129 },
} as const;

/** IP_CT_TCP_FLAG_WINDOW_SCALE | IP_CT_TCP_FLAG_SACK_PERM: value and mask. */
const TCP_FLAGS = Uint8Array.of(3, 3);
const WINDOW_SCALE = 7;

/**
 * Appends the request that creates this entry; an existing entry is an error (EEXIST). The kernel inverts the reply tuple of a
 * translated flow and sets its NAT bits; it refuses them in a status.
 */
export function writeNew(writer: MessageWriter, entry: MadeEntry, sequence: number): void {
  writer.begin(CT_NEW, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL, entry.family, sequence);
  writeTuple(writer, CTA.tupleOriginal, entry, true);
  writeTuple(writer, CTA.tupleReply, entry, false);
  writer.word(CTA.status, entry.status).word(CTA.timeout, entry.timeoutSeconds);
  writeTranslation(writer, entry);
  writeTcp(writer, entry);
  if (entry.mark !== undefined) writer.word(CTA.mark, entry.mark);
  if (entry.zone !== undefined) writer.short(CTA.zone, entry.zone);
  writer.finish();
}

/** Appends the request that deletes the entry with this original tuple; ENOENT if it does not exist. */
export function writeDelete(writer: MessageWriter, entry: MadeEntry, sequence: number): void {
  writer.begin(CT_DELETE, NLM_F_REQUEST, entry.family, sequence);
  writeTuple(writer, CTA.tupleOriginal, entry, true);
  if (entry.zone !== undefined) writer.short(CTA.zone, entry.zone);
  writer.finish();
}

function writeTuple(writer: MessageWriter, type: number, entry: MadeEntry, original: boolean): void {
  const { source, destination } = entry;
  writer.nest(type, () => {
    writeAddresses(writer, entry.family, original ? source : destination, original ? destination : source);
    writer.nest(CTA_TUPLE.protocol, () => {
      writer.octet(CTA_PROTO.number, entry.protocol);
      if (isEcho(entry.protocol)) writeEcho(writer, ECHO[entry.protocol], entry.sourcePort, original);
      else writePorts(writer, entry, original);
    });
  });
}

function writeAddresses(writer: MessageWriter, family: number, source: Uint8Array, destination: Uint8Array): void {
  writer.nest(CTA_TUPLE.ip, () => {
    writer.octets(family === AF_INET ? CTA_IP.v4Source : CTA_IP.v6Source, source);
    writer.octets(family === AF_INET ? CTA_IP.v4Destination : CTA_IP.v6Destination, destination);
  });
}

function writePorts(writer: MessageWriter, { sourcePort, destinationPort }: MadeEntry, original: boolean): void {
  writer.short(CTA_PROTO.sourcePort, original ? sourcePort : destinationPort);
  writer.short(CTA_PROTO.destinationPort, original ? destinationPort : sourcePort);
}

function writeEcho(writer: MessageWriter, echo: (typeof ECHO)[keyof typeof ECHO], id: number, original: boolean): void {
  writer
    .short(echo.id, id)
    .octet(echo.type, original ? echo.request : echo.reply)
    .octet(echo.code, 0);
}

function isEcho(protocol: number): protocol is keyof typeof ECHO {
  return protocol in ECHO;
}

function writeTranslation(writer: MessageWriter, { translatedSource }: MadeEntry): void {
  if (!translatedSource) return;
  writer.nest(CTA.natSource, () => {
    writer.octets(CTA_NAT_V4.lowest, translatedSource).octets(CTA_NAT_V4.highest, translatedSource);
  });
}

function writeTcp(writer: MessageWriter, { tcpState }: MadeEntry): void {
  if (tcpState === undefined) return;
  writer.nest(CTA.protocolInfo, () => {
    writer.nest(CTA_PROTOINFO.tcp, () => {
      writer.octet(CTA_PROTOINFO_TCP.state, tcpState);
      writer.octet(CTA_PROTOINFO_TCP.windowScaleOriginal, WINDOW_SCALE).octet(CTA_PROTOINFO_TCP.windowScaleReply, WINDOW_SCALE);
      writer.octets(CTA_PROTOINFO_TCP.flagsOriginal, TCP_FLAGS).octets(CTA_PROTOINFO_TCP.flagsReply, TCP_FLAGS);
    });
  });
}
