/** The addresses and ports of one direction of a flow. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly icmpId?: number;
  /** GRE call ids (PPTP). */
  readonly sourceKey?: number;
  readonly destinationKey?: number;
}

/** One direction of a flow. Fields that the protocol or the kernel does not have are absent. */
export interface Tuple extends Ends {
  /** 64-bit counters, in decimal text; only where accounting (`acct`) was on when the flow began. */
  readonly packets?: string;
  readonly bytes?: string;
  /** TCP: the window scale (0 to 14) that this side announced. */
  readonly windowScale?: number;
  /**
   * TCP: flags that the kernel keeps for this side (`IP_CT_TCP_FLAG_*`): 1 window scaling announced, 2 selective acknowledgements permitted,
   * 4 it closed first, 8 window checks are liberal, 16 data not acknowledged, 32 the greatest acknowledgement is known, 64 a challenge
   * acknowledgement is expected, 128 simultaneous open.
   */
  readonly tcpFlags?: number;
  /** Only if NAT changed the length of the data that this side sent. */
  readonly sequenceAdjust?: SequenceAdjust;
  /** SCTP: the verification tag of the packets in this direction (32 bits, unsigned); 0 until the kernel has seen it. */
  readonly vtag?: number;
}

/** The flow that expected this one, such as the control connection of an FTP transfer: its original tuple. */
export interface MasterTuple extends Ends {
  readonly protocol: string;
  readonly protocolNumber: number;
}

/** What SYNPROXY needs to translate the packets of a TCP connection that it answered for the server; 32 bits each, unsigned. */
export interface Synproxy {
  /** Initial sequence number that the client got, and then the difference to the server's. */
  readonly isn: number;
  /** Initial timestamp. */
  readonly its: number;
  /** Offset of the timestamps. */
  readonly tsoff: number;
}

/** How NAT shifts the TCP sequence numbers of one direction. */
export interface SequenceAdjust {
  /** The sequence number (32 bits, unsigned) from which `offsetAfter` applies. */
  readonly correction: number;
  /** Bytes, signed, added before and after it. */
  readonly offsetBefore: number;
  readonly offsetAfter: number;
}

export type Family = 'ipv4' | 'ipv6';

/** Names of the kernel's `enum ip_conntrack_status`, in the order of its bits. A text dump has only some of them. */
export const STATUS_NAMES = [
  ...(['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'SRC_NAT', 'DST_NAT', 'SEQ_ADJUST', 'SRC_NAT_DONE'] as const),
  ...(['DST_NAT_DONE', 'DYING', 'FIXED_TIMEOUT', 'TEMPLATE', 'NAT_CLASH', 'HELPER', 'OFFLOAD', 'HW_OFFLOAD'] as const),
] as const;
export type StatusName = (typeof STATUS_NAMES)[number];

/** The keys of an entry in JSON, in order; absent fields are left out. */
export const ENTRY_KEYS = [
  ...(['id', 'family', 'protocol', 'protocolNumber', 'state', 'timeoutSeconds', 'status', 'original', 'reply'] as const),
  ...(['mark', 'zone', 'originalZone', 'replyZone', 'helper', 'labels', 'secctx', 'secmark'] as const),
  ...(['startedAt', 'stoppedAt', 'ageSeconds', 'use', 'offload', 'synproxy', 'master'] as const),
] as const satisfies readonly (keyof Entry)[];

/** The keys of `original` and `reply`. */
export const TUPLE_KEYS = [
  ...(['source', 'destination', 'sourcePort', 'destinationPort', 'icmpType', 'icmpCode', 'icmpId', 'sourceKey'] as const),
  ...(['destinationKey', 'packets', 'bytes', 'windowScale', 'tcpFlags', 'sequenceAdjust', 'vtag'] as const),
] as const satisfies readonly (keyof Tuple)[];

/** One tracked flow. */
export interface Entry {
  /** Opaque and stable for the life of the flow: built from family, protocol, zone, the original tuple and, if the source has it, the kernel's id. */
  readonly id: string;
  readonly family: Family;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `sctp`, `dccp`, `gre`, `udplite`, … or `unknown` as the kernel prints it. */
  readonly protocol: string;
  /** IANA number. */
  readonly protocolNumber: number;
  /** `ESTABLISHED`, …; absent for protocols without one and for offloaded flows. */
  readonly state?: string;
  /** Seconds until the entry expires; absent for offloaded flows. */
  readonly timeoutSeconds?: number;
  readonly status: readonly StatusName[];
  readonly original: Tuple;
  readonly reply: Tuple;
  /** Connection mark, unsigned 32 bits; absent if the source has none. */
  readonly mark?: number;
  /** 0 to 65535; absent if the source has none: ctnetlink leaves zone 0 out. */
  readonly zone?: number;
  /** Zone of one direction only. */
  readonly originalZone?: number;
  readonly replyZone?: number;
  /** Name of the helper of the flow: `ftp`, `sip`, … */
  readonly helper?: string;
  /** Numbers of the label bits that are set (0 to 127), ascending. */
  readonly labels?: readonly number[];
  /** Security context. */
  readonly secctx?: string;
  /** Security mark, unsigned 32 bits. Kernels before 2.6.37 report it instead of the context. */
  readonly secmark?: number;
  /** RFC 3339, UTC, with nanoseconds; only where `timestamp` was on when the flow began. `stoppedAt`: of destroyed flows. */
  readonly startedAt?: string;
  readonly stoppedAt?: string;
  /** Seconds since the flow began, if the source has this instead of `startedAt`. */
  readonly ageSeconds?: number;
  /** References that the kernel holds to the entry. */
  readonly use?: number;
  /** True if the flow bypasses the stack (flow offload); otherwise absent. */
  readonly offload?: boolean;
  /** Only if SYNPROXY answered the connection request of the flow. */
  readonly synproxy?: Synproxy;
  /** Only if a helper expected the flow, and the flow that it belongs to still exists. */
  readonly master?: MasterTuple;
}

/** An address, or a network if `prefixLength` is shorter than the address. */
export interface Network {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  /** The bits of the address that count, as an address, if they are not a prefix. `prefixLength` is then the number of leading ones. */
  readonly mask?: string;
}

/** `extended` and `save`: as `conntrack -L -o extended` and `-o save` print them. */
export type StreamFormat = 'ndjson' | 'csv' | 'extended' | 'save';

/**
 * The outcome of a pass over the table: the last one that applies. `lossy`: some entries could not be parsed. `truncated`: more entries match than
 * were requested, or the table has more than its sample. `resized`: the number of buckets changed meanwhile, or far more or
 * fewer entries were read than the kernel counted, so entries may be missing or duplicated. `interrupted`: it stopped early.
 */
export const DUMP_OUTCOMES = ['complete', 'lossy', 'truncated', 'resized', 'interrupted'] as const;
export type DumpOutcome = (typeof DUMP_OUTCOMES)[number];

/** The result of a dump. */
export interface DumpSummary {
  readonly outcome: DumpOutcome;
  /** Entries that matched and were returned. */
  readonly entries: number;
  /** Entries read. */
  readonly scanned: number;
  /** Entries that could not be parsed; they are counted, not shown. */
  readonly unparsed: number;
  /** The source of the entries: `ctnetlink`, or the path of a text file. */
  readonly source: string;
  /** Whether the kernel left out entries that cannot match; `scanned` does not count those. */
  readonly filteredByKernel: boolean;
  /** If `outcome` is `interrupted`: why the dump stopped early. If it is `resized`, and only the number of entries shows it: the numbers. */
  readonly reason?: string;
}

/** Entries in the order of `id`. A flow that exists during the whole paging is on exactly one page. */
export interface EntryPage {
  readonly entries: readonly Entry[];
  /** The id to continue after; absent on the last page. */
  readonly next?: string;
  readonly summary: DumpSummary;
}
