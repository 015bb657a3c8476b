/*
 * Numbers of the netlink protocol, from linux/netlink.h, linux/netfilter/nfnetlink.h and linux/netfilter/nfnetlink_conntrack.h. The kernel's
 * name stands behind each number whose name here differs.
 */

export const NLMSG_HEADER_BYTES = 16; // NLMSG_HDRLEN, struct nlmsghdr
export const NFGEN_HEADER_BYTES = 4; // struct nfgenmsg

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** In a reply: the dump was inconsistent. ctnetlink never sets it, but checking it costs nothing. */
export const NLM_F_DUMP_INTR = 0x10;
/** In a reply: the kernel applied the filter of the request. */
export const NLM_F_DUMP_FILTERED = 0x20;
export const NLM_F_DUMP = 0x300;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

const NFNL_SUBSYS_CTNETLINK = 1 << 8;
export const CT_NEW = NFNL_SUBSYS_CTNETLINK | 0; // IPCTNL_MSG_CT_NEW
export const CT_GET = NFNL_SUBSYS_CTNETLINK | 1; // IPCTNL_MSG_CT_GET
export const CT_DELETE = NFNL_SUBSYS_CTNETLINK | 2; // IPCTNL_MSG_CT_DELETE
export const CT_GET_STATS_CPU = NFNL_SUBSYS_CTNETLINK | 4; // IPCTNL_MSG_CT_GET_STATS_CPU
export const CT_GET_STATS = NFNL_SUBSYS_CTNETLINK | 5; // IPCTNL_MSG_CT_GET_STATS

const NFNL_SUBSYS_CTNETLINK_EXP = 2 << 8;
export const EXP_NEW = NFNL_SUBSYS_CTNETLINK_EXP | 0; // IPCTNL_MSG_EXP_NEW
export const EXP_GET = NFNL_SUBSYS_CTNETLINK_EXP | 1; // IPCTNL_MSG_EXP_GET
export const EXP_DELETE = NFNL_SUBSYS_CTNETLINK_EXP | 2; // IPCTNL_MSG_EXP_DELETE

/** `enum nfnetlink_groups`: multicast groups, as numbers for NETLINK_ADD_MEMBERSHIP. */
export const GROUPS = {
  new: 1, // NFNLGRP_CONNTRACK_NEW
  update: 2, // NFNLGRP_CONNTRACK_UPDATE
  destroy: 3, // NFNLGRP_CONNTRACK_DESTROY
  'expectation-new': 4, // NFNLGRP_CONNTRACK_EXP_NEW
  'expectation-destroy': 6, // NFNLGRP_CONNTRACK_EXP_DESTROY
} as const;

export const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;
export const NLA_HEADER_BYTES = 4; // NLA_HDRLEN, struct nlattr

/** `enum ctattr_type` */
export const CTA = {
  tupleOriginal: 1, // CTA_TUPLE_ORIG
  tupleReply: 2, // CTA_TUPLE_REPLY
  status: 3, // CTA_STATUS
  protocolInfo: 4, // CTA_PROTOINFO
  help: 5, // CTA_HELP
  natSource: 6, // CTA_NAT_SRC
  timeout: 7, // CTA_TIMEOUT
  mark: 8, // CTA_MARK
  countersOriginal: 9, // CTA_COUNTERS_ORIG
  countersReply: 10, // CTA_COUNTERS_REPLY
  use: 11, // CTA_USE
  id: 12, // CTA_ID
  natDestination: 13, // CTA_NAT_DST
  tupleMaster: 14, // CTA_TUPLE_MASTER
  sequenceAdjustOriginal: 15, // CTA_SEQ_ADJ_ORIG
  sequenceAdjustReply: 16, // CTA_SEQ_ADJ_REPLY
  secmark: 17, // CTA_SECMARK, of kernels before 2.6.37; later ones send CTA_SECCTX
  zone: 18, // CTA_ZONE
  secctx: 19, // CTA_SECCTX
  timestamp: 20, // CTA_TIMESTAMP
  markMask: 21, // CTA_MARK_MASK
  labels: 22, // CTA_LABELS
  labelsMask: 23, // CTA_LABELS_MASK
  synproxy: 24, // CTA_SYNPROXY
  filter: 25, // CTA_FILTER
  statusMask: 26, // CTA_STATUS_MASK
} as const;

/** `enum ctattr_tuple` */
export const CTA_TUPLE = {
  ip: 1, // CTA_TUPLE_IP
  protocol: 2, // CTA_TUPLE_PROTO
  zone: 3, // CTA_TUPLE_ZONE
} as const;

/** `enum ctattr_ip` */
export const CTA_IP = {
  v4Source: 1, // CTA_IP_V4_SRC
  v4Destination: 2, // CTA_IP_V4_DST
  v6Source: 3, // CTA_IP_V6_SRC
  v6Destination: 4, // CTA_IP_V6_DST
} as const;

/** `enum ctattr_l4proto` */
export const CTA_PROTO = {
  number: 1, // CTA_PROTO_NUM
  sourcePort: 2, // CTA_PROTO_SRC_PORT
  destinationPort: 3, // CTA_PROTO_DST_PORT
  icmpId: 4, // CTA_PROTO_ICMP_ID
  icmpType: 5, // CTA_PROTO_ICMP_TYPE
  icmpCode: 6, // CTA_PROTO_ICMP_CODE
  icmpv6Id: 7, // CTA_PROTO_ICMPV6_ID
  icmpv6Type: 8, // CTA_PROTO_ICMPV6_TYPE
  icmpv6Code: 9, // CTA_PROTO_ICMPV6_CODE
} as const;

/** `enum ctattr_protoinfo` */
export const CTA_PROTOINFO = {
  tcp: 1, // CTA_PROTOINFO_TCP
  dccp: 2, // CTA_PROTOINFO_DCCP
  sctp: 3, // CTA_PROTOINFO_SCTP
} as const;

/** `enum ctattr_protoinfo_tcp` */
export const CTA_PROTOINFO_TCP = {
  state: 1, // CTA_PROTOINFO_TCP_STATE; DCCP uses the same number: CTA_PROTOINFO_DCCP_STATE
  windowScaleOriginal: 2, // CTA_PROTOINFO_TCP_WSCALE_ORIGINAL
  windowScaleReply: 3, // CTA_PROTOINFO_TCP_WSCALE_REPLY
  flagsOriginal: 4, // CTA_PROTOINFO_TCP_FLAGS_ORIGINAL
  flagsReply: 5, // CTA_PROTOINFO_TCP_FLAGS_REPLY
} as const;

/** `enum ctattr_protoinfo_sctp` */
export const CTA_PROTOINFO_SCTP = {
  state: 1, // CTA_PROTOINFO_SCTP_STATE
  vtagOriginal: 2, // CTA_PROTOINFO_SCTP_VTAG_ORIGINAL
  vtagReply: 3, // CTA_PROTOINFO_SCTP_VTAG_REPLY
} as const;

/** `enum ctattr_counters`; kernels before 2.6.29 send the 32-bit counters. */
export const CTA_COUNTERS = {
  packets: 1, // CTA_COUNTERS_PACKETS
  bytes: 2, // CTA_COUNTERS_BYTES
  packets32: 3, // CTA_COUNTERS32_PACKETS
  bytes32: 4, // CTA_COUNTERS32_BYTES
} as const;

/** `enum ctattr_tstamp` */
export const CTA_TIMESTAMP = {
  start: 1, // CTA_TIMESTAMP_START
  stop: 2, // CTA_TIMESTAMP_STOP
} as const;

/** `enum ctattr_secctx` */
export const CTA_SECCTX = {
  name: 1, // CTA_SECCTX_NAME
} as const;

/** `enum ctattr_help` */
export const CTA_HELP = {
  name: 1, // CTA_HELP_NAME
} as const;

/** `enum ctattr_seqadj` */
export const CTA_SEQADJ = {
  correction: 1, // CTA_SEQADJ_CORRECTION_POS
  offsetBefore: 2, // CTA_SEQADJ_OFFSET_BEFORE
  offsetAfter: 3, // CTA_SEQADJ_OFFSET_AFTER
} as const;

/** `enum ctattr_synproxy` */
export const CTA_SYNPROXY = {
  isn: 1, // CTA_SYNPROXY_ISN
  its: 2, // CTA_SYNPROXY_ITS
  tsoff: 3, // CTA_SYNPROXY_TSOFF
} as const;

/** `enum ctattr_expect` */
export const CTA_EXPECT = {
  master: 1, // CTA_EXPECT_MASTER
  tuple: 2, // CTA_EXPECT_TUPLE
  mask: 3, // CTA_EXPECT_MASK
  timeout: 4, // CTA_EXPECT_TIMEOUT
  id: 5, // CTA_EXPECT_ID
  helper: 6, // CTA_EXPECT_HELP_NAME
  zone: 7, // CTA_EXPECT_ZONE
  flags: 8, // CTA_EXPECT_FLAGS
  class: 9, // CTA_EXPECT_CLASS
  nat: 10, // CTA_EXPECT_NAT
  function: 11, // CTA_EXPECT_FN
} as const;

/** `enum ctattr_expect_nat` */
export const CTA_EXPECT_NAT = {
  direction: 1, // CTA_EXPECT_NAT_DIR
  tuple: 2, // CTA_EXPECT_NAT_TUPLE
} as const;

/** `enum ctattr_stats_global` */
export const CTA_STATS_GLOBAL = {
  entries: 1, // CTA_STATS_GLOBAL_ENTRIES
} as const;

/** `enum ctattr_filter` */
export const CTA_FILTER = {
  originalFlags: 1, // CTA_FILTER_ORIG_FLAGS
  replyFlags: 2, // CTA_FILTER_REPLY_FLAGS
} as const;

/** Bits of the flags of CTA_FILTER (net/netfilter/nf_internals.h). */
export const CTA_FILTER_FLAG = {
  ipSource: 1 << 0, // CTA_FILTER_F_CTA_IP_SRC
  ipDestination: 1 << 1, // CTA_FILTER_F_CTA_IP_DST
  tupleZone: 1 << 2, // CTA_FILTER_F_CTA_TUPLE_ZONE
  protocolNumber: 1 << 3, // CTA_FILTER_F_CTA_PROTO_NUM
  sourcePort: 1 << 4, // CTA_FILTER_F_CTA_PROTO_SRC_PORT
  destinationPort: 1 << 5, // CTA_FILTER_F_CTA_PROTO_DST_PORT
} as const;
