/** Numbers of the netlink protocol (linux/netlink.h, linux/netfilter/nfnetlink.h, linux/netfilter/nfnetlink_conntrack.h). */
export const NLMSG_HEADER_BYTES = 16;
export const NFGEN_HEADER_BYTES = 4;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** Of an answer: the kernel dump was inconsistent. ctnetlink never sets it, but it costs nothing to look. */
export const NLM_F_DUMP_INTR = 0x10;
/** Of an answer: the filter of the request was honoured. */
export const NLM_F_DUMP_FILTERED = 0x20;
export const NLM_F_DUMP = 0x300;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

const NFNL_SUBSYS_CTNETLINK = 1 << 8;
export const CT_NEW = NFNL_SUBSYS_CTNETLINK | 0;
export const CT_GET = NFNL_SUBSYS_CTNETLINK | 1;
export const CT_DELETE = NFNL_SUBSYS_CTNETLINK | 2;
export const CT_GET_STATS_CPU = NFNL_SUBSYS_CTNETLINK | 4;
export const CT_GET_STATS = NFNL_SUBSYS_CTNETLINK | 5;

/** Multicast groups, as numbers for NETLINK_ADD_MEMBERSHIP. */
export const GROUPS = { new: 1, update: 2, destroy: 3 } as const;

export const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;
export const NLA_HEADER_BYTES = 4;

/** `enum ctattr_type` */
export const CTA = {
  tupleOriginal: 1,
  tupleReply: 2,
  status: 3,
  protocolInfo: 4,
  help: 5,
  natSource: 6,
  timeout: 7,
  mark: 8,
  countersOriginal: 9,
  countersReply: 10,
  use: 11,
  id: 12,
  natDestination: 13,
  tupleMaster: 14,
  sequenceAdjustOriginal: 15,
  sequenceAdjustReply: 16,
  zone: 18,
  secctx: 19,
  timestamp: 20,
  markMask: 21,
  labels: 22,
  labelsMask: 23,
  synproxy: 24,
  filter: 25,
  statusMask: 26,
} as const;

/** `enum ctattr_tuple` */
export const CTA_TUPLE = { ip: 1, protocol: 2, zone: 3 } as const;
/** `enum ctattr_ip` */
export const CTA_IP = { v4Source: 1, v4Destination: 2, v6Source: 3, v6Destination: 4 } as const;
/** `enum ctattr_l4proto` */
export const CTA_PROTO = {
  number: 1,
  sourcePort: 2,
  destinationPort: 3,
  icmpId: 4,
  icmpType: 5,
  icmpCode: 6,
  icmpv6Id: 7,
  icmpv6Type: 8,
  icmpv6Code: 9,
} as const;
/** `enum ctattr_protoinfo` */
export const CTA_PROTOINFO = { tcp: 1, dccp: 2, sctp: 3 } as const;
/** `enum ctattr_protoinfo_tcp`; the state is number 1 in DCCP and SCTP too. */
export const CTA_PROTOINFO_TCP = { state: 1, windowScaleOriginal: 2, windowScaleReply: 3, flagsOriginal: 4, flagsReply: 5 } as const;
/** `enum ctattr_counters`; the 32-bit ones are of kernels before 2.6.29. */
export const CTA_COUNTERS = { packets: 1, bytes: 2, packets32: 3, bytes32: 4 } as const;
/** `enum ctattr_timestamp`, `ctattr_secctx`, `ctattr_help`, `ctattr_seqadj` */
export const CTA_TIMESTAMP = { start: 1, stop: 2 } as const;
export const CTA_SECCTX = { name: 1 } as const;
export const CTA_HELP = { name: 1 } as const;
export const CTA_SEQADJ = { correction: 1, offsetBefore: 2, offsetAfter: 3 } as const;
/** `enum ctattr_filter` and the bits of its flags (net/netfilter/nf_conntrack_netlink.c). */
export const CTA_FILTER = { originalFlags: 1, replyFlags: 2 } as const;
export const CTA_FILTER_FLAG = {
  ipSource: 1 << 0,
  ipDestination: 1 << 1,
  tupleZone: 1 << 2,
  protocolNumber: 1 << 3,
  sourcePort: 1 << 4,
  destinationPort: 1 << 5,
} as const;
