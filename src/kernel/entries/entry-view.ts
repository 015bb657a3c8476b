import { STATUS_NAMES } from '../../domain/entry.ts';

/** linux/socket.h */
export const AF_INET = 2;
export const AF_INET6 = 10;

/** linux/in.h, linux/in6.h */
export const IPPROTO = {
  icmp: 1, // IPPROTO_ICMP
  tcp: 6, // IPPROTO_TCP
  udp: 17, // IPPROTO_UDP
  dccp: 33, // IPPROTO_DCCP
  gre: 47, // IPPROTO_GRE
  icmpv6: 58, // IPPROTO_ICMPV6
  sctp: 132, // IPPROTO_SCTP
  udplite: 136, // IPPROTO_UDPLITE
} as const;

/** The value of a field that the entry does not have. */
export const ABSENT = -1;

/** One direction of a flow, as numbers. */
export class TupleView {
  /** Where the address begins in `EntryView.bytes`: 4 octets or 16, network byte order. */
  source = 0;
  destination = 0;
  /** Ports, or call ids of GRE; ABSENT for protocols without ports. */
  sourcePort = ABSENT;
  destinationPort = ABSENT;
  icmpType = ABSENT;
  icmpCode = ABSENT;
  icmpId = ABSENT;
  /** 64-bit counters as two 32-bit halves, each to be read with `>>> 0`; valid only if `hasCounters`. */
  packetsHigh = 0;
  packetsLow = 0;
  bytesHigh = 0;
  bytesLow = 0;
  hasCounters = false;
  /** Zone of this direction only; ABSENT if there is none. */
  zone = ABSENT;
  /** TCP window scale and `IP_CT_TCP_FLAG_*` of this direction. */
  windowScale = ABSENT;
  tcpFlags = ABSENT;
  /** Sequence adjustment: the sequence number of the correction, and the signed offsets before and after it. */
  hasSequenceAdjust = false;
  sequenceCorrection = 0;
  sequenceOffsetBefore = 0;
  sequenceOffsetAfter = 0;
  /** SCTP verification tag: 32 bits, to be read with `>>> 0`. */
  hasVtag = false;
  vtag = 0;

  clear(): void {
    this.sourcePort = ABSENT;
    this.destinationPort = ABSENT;
    this.icmpType = ABSENT;
    this.icmpCode = ABSENT;
    this.icmpId = ABSENT;
    this.hasCounters = false;
    this.zone = ABSENT;
    this.windowScale = ABSENT;
    this.tcpFlags = ABSENT;
    this.hasSequenceAdjust = false;
    this.hasVtag = false;
  }
}

/**
 * One entry as numbers and positions in a buffer. A source (ctnetlink, text) fills it; filters, formats and summaries read it. It is reused
 * for the next entry, so that a pass over a million entries does not create an object for each. Valid until the source fills it again.
 */
export class EntryView {
  /** The buffer that all positions below refer to. */
  bytes: Uint8Array = new Uint8Array(0);
  /** AF_INET or AF_INET6. */
  family = AF_INET;
  /** IANA number. */
  protocol = 0;
  readonly original = new TupleView();
  readonly reply = new TupleView();
  /** Bits of the kernel's `enum ip_conntrack_status`. */
  status = 0;
  /** Seconds; ABSENT for offloaded flows. */
  timeout = ABSENT;
  /** The kernel's number within the protocol (see `stateName`); ABSENT for protocols without states and for offloaded flows. */
  state = ABSENT;
  hasMark = false;
  /** 32 bits, to be read with `>>> 0`. */
  mark = 0;
  /** Zone of both directions; ABSENT if the source has none. The kernel omits zone 0. */
  zone = ABSENT;
  hasId = false;
  /** CTA_ID: 32 bits, to be read with `>>> 0`. */
  id = 0;
  /** Reference count; ABSENT if the source has none. */
  use = ABSENT;
  /** Position and length in `bytes` of texts and of the label bits (little-endian 32-bit words); length 0 if there is none. */
  helper = 0;
  helperLength = 0;
  secctx = 0;
  secctxLength = 0;
  labels = 0;
  labelsLength = 0;
  /** 32 bits, to be read with `>>> 0`. Only kernels before 2.6.37 report it; later ones report `secctx`. */
  hasSecmark = false;
  secmark = 0;
  /** Nanoseconds since the epoch as two halves; valid only if `hasStart` or `hasStop`. */
  hasStart = false;
  startHigh = 0;
  startLow = 0;
  hasStop = false;
  stopHigh = 0;
  stopLow = 0;
  /** Seconds since the flow began, if the source has this instead of a start time; otherwise ABSENT. */
  age = ABSENT;
  /** 32 bits each, to be read with `>>> 0`. */
  hasSynproxy = false;
  synproxyIsn = 0;
  synproxyIts = 0;
  synproxyTsoff = 0;
  /** The original tuple of the flow that this flow was expected by; valid only if `masterProtocol` is present. */
  readonly master = new TupleView();
  masterProtocol = ABSENT;

  clear(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.original.clear();
    this.reply.clear();
    this.status = 0;
    this.timeout = ABSENT;
    this.state = ABSENT;
    this.hasMark = false;
    this.mark = 0;
    this.zone = ABSENT;
    this.hasId = false;
    this.use = ABSENT;
    this.helperLength = 0;
    this.secctxLength = 0;
    this.labelsLength = 0;
    this.hasSecmark = false;
    this.hasStart = false;
    this.hasStop = false;
    this.age = ABSENT;
    this.hasSynproxy = false;
    this.masterProtocol = ABSENT;
  }
}

/** Whether the entry in the view matches a filter. Creates no objects. */
export type Matcher = (view: EntryView) => boolean;

/** `enum tcp_conntrack`: TCP_CONNTRACK_NONE to TCP_CONNTRACK_SYN_SENT2. */
const TCP_STATES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'];
/** `enum sctp_conntrack`: SCTP_CONNTRACK_NONE to SCTP_CONNTRACK_HEARTBEAT_ACKED. */
const SCTP_STATES = [
  ...['NONE', 'CLOSED', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'ESTABLISHED', 'SHUTDOWN_SENT', 'SHUTDOWN_RECD', 'SHUTDOWN_ACK_SENT'],
  ...['HEARTBEAT_SENT', 'HEARTBEAT_ACKED'],
];
/** `enum ct_dccp_states`: CT_DCCP_NONE to CT_DCCP_INVALID. */
const DCCP_STATES = ['NONE', 'REQUEST', 'RESPOND', 'PARTOPEN', 'OPEN', 'CLOSEREQ', 'CLOSING', 'TIMEWAIT', 'IGNORE', 'INVALID'];

/** State names by the kernel's numbers, for the protocols that have states. */
export const STATE_NAMES: ReadonlyMap<number, readonly string[]> = new Map([
  [IPPROTO.tcp, TCP_STATES],
  [IPPROTO.sctp, SCTP_STATES],
  [IPPROTO.dccp, DCCP_STATES],
]);

/** `undefined` for an entry without a state, and for a number that is unknown for the protocol. */
export function stateName(view: EntryView): string | undefined {
  return STATE_NAMES.get(view.protocol)?.[view.state];
}

/** The kernel's number of a state, or ABSENT. Older kernels print SYN_SENT2 as `LISTEN`. */
export function stateNumber(protocol: number, name: string): number {
  const names = STATE_NAMES.get(protocol) ?? [];
  return names.indexOf(protocol === IPPROTO.tcp && name === 'LISTEN' ? 'SYN_SENT2' : name);
}

/** `enum ip_conntrack_status`: names by bit, IPS_EXPECTED_BIT (0) to IPS_HW_OFFLOAD_BIT (15). */
export const STATUS_BITS = STATUS_NAMES;

/** Bits of `enum ip_conntrack_status` (linux/netfilter/nf_conntrack_common.h). */
export const STATUS = {
  expected: 1 << 0, // IPS_EXPECTED
  seenReply: 1 << 1, // IPS_SEEN_REPLY
  assured: 1 << 2, // IPS_ASSURED
  confirmed: 1 << 3, // IPS_CONFIRMED
  sourceNat: 1 << 4, // IPS_SRC_NAT
  destinationNat: 1 << 5, // IPS_DST_NAT
  fixedTimeout: 1 << 10, // IPS_FIXED_TIMEOUT
  offload: 1 << 14, // IPS_OFFLOAD
  hardwareOffload: 1 << 15, // IPS_HW_OFFLOAD
} as const;
