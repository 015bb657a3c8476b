/** Bits of the kernel's `enum ip_conntrack_status`, by position. */
export const STATUS_NAMES = [
  ...(['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'SRC_NAT', 'DST_NAT', 'SEQ_ADJUST', 'SRC_NAT_DONE'] as const),
  ...(['DST_NAT_DONE', 'DYING', 'FIXED_TIMEOUT', 'TEMPLATE', 'NAT_CLASH', 'HELPER', 'OFFLOAD', 'HW_OFFLOAD'] as const),
] as const;

/** States of TCP, then those that only SCTP and DCCP have. */
export const STATE_NAMES = [
  ...['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'],
  ...['CLOSED', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'SHUTDOWN_SENT', 'SHUTDOWN_RECD', 'SHUTDOWN_ACK_SENT', 'HEARTBEAT_SENT', 'HEARTBEAT_ACKED'],
  ...['REQUEST', 'RESPOND', 'PARTOPEN', 'OPEN', 'CLOSEREQ', 'CLOSING', 'TIMEWAIT', 'IGNORE', 'INVALID'],
] as const;

/** Linux's names (linux/in.h) of IANA numbers. If a number has several names, the first is used for output. */
const PROTOCOLS: readonly (readonly [string, number])[] = [
  ...([['icmp', 1] as const, ['igmp', 2], ['ipip', 4], ['tcp', 6], ['udp', 17], ['dccp', 33], ['ipv6', 41], ['gre', 47]] as const),
  ...([['esp', 50] as const, ['ah', 51], ['icmpv6', 58], ['ipv6-icmp', 58], ['ospf', 89], ['pim', 103], ['vrrp', 112]] as const),
  ...([['l2tp', 115] as const, ['sctp', 132], ['udplite', 136]] as const),
];

const NUMBERS: ReadonlyMap<string, number> = new Map(PROTOCOLS);
const NAMES: ReadonlyMap<number, string> = new Map([...PROTOCOLS].reverse().map(([name, number]) => [number, name]));

export const PROTOCOL_NAMES: readonly string[] = [...NUMBERS.keys()];

export function protocolNumber(name: string): number | undefined {
  return NUMBERS.get(name);
}

export function protocolName(number: number): string | undefined {
  return NAMES.get(number);
}
