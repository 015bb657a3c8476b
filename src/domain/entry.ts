/** One direction of a flow. What the protocol or the kernel does not have is absent. */
export interface Tuple {
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
  /** 64-bit counters, in decimal text; only where accounting (`acct`) was on when the flow began. */
  readonly packets?: string;
  readonly bytes?: string;
}

export type Family = 'ipv4' | 'ipv6';

/** The kernel's `enum ip_conntrack_status` names that a source can tell. */
export type StatusName = 'CONFIRMED' | 'SEEN_REPLY' | 'ASSURED' | 'OFFLOAD' | 'HW_OFFLOAD';

/** One tracked flow. */
export interface Entry {
  /** Opaque and stable for the life of the flow: made of family, protocol, zone and the original tuple. */
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
  readonly mark?: number;
  /** Absent where the kernel has no zones or does not print them. */
  readonly zone?: number;
  readonly zoneOriginal?: number;
  readonly zoneReply?: number;
  readonly secctx?: string;
  /** Seconds since the flow began; only where `timestamp` is on. */
  readonly ageSeconds?: number;
  readonly offload?: boolean;
}

/** An address, or a network when `prefixLength` is shorter than the address. */
export interface Network {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
}

/** All parts must match; addresses and ports are those of the original direction. */
export interface EntryFilter {
  readonly family?: Family;
  /** Name or number as the kernel prints it: `tcp`, `6`. */
  readonly protocol?: string;
  readonly state?: string;
  readonly source?: Network;
  readonly destination?: Network;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly mark?: number;
}

export type StreamFormat = 'ndjson' | 'csv';

/** The end of a dump, said honestly. */
export interface DumpSummary {
  /** `resized`: the bucket count moved meanwhile, entries may be missing or double. */
  readonly outcome: 'complete' | 'resized' | 'interrupted';
  /** Entries that matched and were given out. */
  readonly entries: number;
  /** Entries seen. */
  readonly scanned: number;
  /** Lines that could not be understood; they are counted, not shown. */
  readonly unparsedLines: number;
  /** Where the entries came from: `/proc/net/nf_conntrack`. */
  readonly source: string;
  /** Why the dump stopped short; present exactly when `outcome` is `interrupted`. */
  readonly reason?: string;
}

/** Entries in order of `id`. A flow that lives through the paging is on exactly one page. */
export interface EntryPage {
  readonly entries: readonly Entry[];
  /** The id to continue after; absent on the last page. */
  readonly next?: string;
  readonly summary: DumpSummary;
}
