import type { SettingFacts, SettingName } from './setting.ts';

const INT_MAX = 2_147_483_647;
/** INT_MAX / HZ at HZ = 1000: a timeout above it overflows jiffies on some kernels. */
const TIMEOUT_MAX_SECONDS = 2_147_483;
const BUCKETS_MAX = 268_435_455;

const host = (unit: SettingFacts['unit'], minimum: number, maximum: number, description: string): SettingFacts => ({
  unit,
  minimum,
  maximum,
  scope: 'host',
  description,
});
const perNamespace = (unit: SettingFacts['unit'], minimum: number, maximum: number, description: string): SettingFacts => ({
  unit,
  minimum,
  maximum,
  scope: 'namespace',
  description,
});
const flag = (description: string): SettingFacts => perNamespace('boolean', 0, 1, description);
const timeout = (description: string): SettingFacts => perNamespace('seconds', 1, TIMEOUT_MAX_SECONDS, description);

/** From Documentation/networking/nf_conntrack-sysctl.rst, corrected where measurements of kernels differ. */
const KNOWN: Readonly<Record<SettingName, SettingFacts>> = {
  max: host(
    'entries',
    1,
    INT_MAX,
    'Entries the table accepts before new flows are dropped. One value for the host, applied to each network namespace separately.',
  ),
  buckets: host(
    'buckets',
    1,
    BUCKETS_MAX,
    'Size of the hash table. The kernel rounds up to a whole page of bucket heads (512 with 4 KiB pages). Changing it stops tracked traffic during the resize.',
  ),
  expect_max: host('entries', 1, INT_MAX, 'Expectations (related flows announced by helpers) the table accepts.'),
  acct: flag('Count packets and bytes of each flow. Applies to new flows.'),
  checksum: flag('Verify checksums of incoming packets; packets with wrong checksums are INVALID and not tracked.'),
  timestamp: flag('Record when each flow started and stopped. Applies to new flows.'),
  events: perNamespace('level', 0, 2, 'Deliver ctnetlink events: 0 never, 1 always, 2 only while a program listens.'),
  helper: flag('Assign helpers automatically by port (removed in Linux 6.0).'),
  log_invalid: perNamespace('protocol', 0, 255, 'Log invalid packets of this IP protocol number; 255 logs all, 0 none.'),
  tcp_loose: flag('Pick up TCP flows that were established before tracking began.'),
  tcp_be_liberal: flag('Mark only out-of-window RST segments as INVALID, not every out-of-window packet.'),
  tcp_ignore_invalid_rst: flag('Do not mark out-of-window RST segments as INVALID.'),
  tcp_max_retrans: perNamespace(
    'packets',
    0,
    255,
    'Retransmissions without an acknowledgement after which tcp_timeout_max_retrans applies.',
  ),
  dccp_loose: flag('Pick up DCCP flows that were established before tracking began.'),
  frag6_low_thresh: perNamespace('bytes', 0, INT_MAX, 'IPv6 reassembly stops discarding fragments below this much memory.'),
  frag6_high_thresh: perNamespace('bytes', 0, INT_MAX, 'IPv6 reassembly starts discarding fragments above this much memory.'),
  frag6_timeout: timeout('Time for which an IPv6 fragment waits for the others.'),
  generic_timeout: timeout('Lifetime of a flow of a protocol without a tracker in the kernel.'),
  tcp_timeout_established: timeout('Lifetime of an idle established TCP flow. RFC 5382 requires at least 7440 s.'),
  udp_timeout: timeout('Lifetime of a UDP flow that has seen packets in one direction only.'),
  udp_timeout_stream: timeout('Lifetime of a UDP flow that has seen packets in both directions.'),
  icmp_timeout: timeout('Lifetime of an ICMP query flow.'),
  icmpv6_timeout: timeout('Lifetime of an ICMPv6 query flow.'),
};

/** Timeouts are named after their protocol and state; the catalogue has only a few of them. */
const TIMEOUT_NAME = /^[a-z][a-z0-9]{1,9}_timeout(_[a-z_]{1,30})?$/;

/** Whether the name is known to be a conntrack setting, without reading the kernel. */
/** The settings of a kernel that cannot be asked, because it has not loaded the module: those that all of the last ten years have. */
export const USUAL_SETTINGS: readonly SettingName[] = [
  ...Object.keys(KNOWN),
  ...['syn_sent', 'syn_recv', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close', 'max_retrans', 'unacknowledged'].map(
    (state) => `tcp_timeout_${state}`,
  ),
  ...['closed', 'cookie_wait', 'cookie_echoed', 'established', 'shutdown_sent', 'shutdown_recd', 'shutdown_ack_sent', 'heartbeat_sent'].map(
    (state) => `sctp_timeout_${state}`,
  ),
  ...['gre_timeout', 'gre_timeout_stream'],
];

export function isInCatalogue(name: SettingName): boolean {
  return Object.hasOwn(KNOWN, name) || TIMEOUT_NAME.test(name);
}

/** Unit, range and description of a setting. A setting that is not in the catalogue gets what its name implies. */
export function factsOf(name: SettingName): SettingFacts {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known) return known;
  if (name.includes('timeout')) return timeout(`The timeout ${name}. It applies to an existing flow from its next packet on.`);
  return perNamespace('unknown', 0, INT_MAX, 'A setting of this kernel without a description in this version of the service.');
}
