import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { demoEntryLine } from './demo-entries.ts';

/** Where the table of the tree begins. */
interface DemoSize {
  readonly entries: number;
  readonly max: number;
  readonly buckets: number;
}

const USUAL: DemoSize = { entries: 2_000, max: 65_536, buckets: 16_384 };
export const SYSCTL = '/proc/sys/net/netfilter/nf_conntrack_';
const PARAMETERS = '/sys/module/nf_conntrack/parameters';

const SETTINGS: Readonly<Record<string, number>> = {
  ...{ acct: 1, checksum: 1, events: 2, expect_max: 256, generic_timeout: 600, log_invalid: 0, timestamp: 1 },
  ...{ frag6_high_thresh: 4_194_304, frag6_low_thresh: 3_145_728, frag6_timeout: 60 },
  ...{ gre_timeout: 30, gre_timeout_stream: 180, icmp_timeout: 30, icmpv6_timeout: 30, udp_timeout: 30, udp_timeout_stream: 120 },
  ...{ sctp_timeout_closed: 10, sctp_timeout_established: 210, sctp_timeout_shutdown_sent: 3 },
  ...{ tcp_be_liberal: 0, tcp_ignore_invalid_rst: 0, tcp_loose: 1, tcp_max_retrans: 3 },
  ...{ tcp_timeout_close: 10, tcp_timeout_close_wait: 60, tcp_timeout_established: 432_000, tcp_timeout_fin_wait: 120 },
  ...{ tcp_timeout_last_ack: 30, tcp_timeout_max_retrans: 300, tcp_timeout_syn_recv: 60, tcp_timeout_syn_sent: 120 },
  ...{ tcp_timeout_time_wait: 120, tcp_timeout_unacknowledged: 300 },
};

export const DUMP = '/proc/net/nf_conntrack';
export const COUNTERS = [
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  ' +
    'expect_new expect_create expect_delete search_restart',
  '000007d0  00000005 00000013 00000000 00000b4e 00000000 00000000 00000000 00000000 00000003 00000000 00000000 00000002  00000000 00000000 00000000 00000011',
  '000007d0  00000002 0000000c 00000000 00000a11 00000000 00000000 00000001 00000000 00000001 00000000 00000000 00000000  00000000 00000000 00000000 00000007',
];

const SLABINFO = [
  'slabinfo - version: 2.1',
  '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>',
  'nf_conntrack        2048   2048    256   16    1 : tunables    0    0    0 : slabdata    128    128      0',
];

/** Writes a plausible tree of a modern kernel into an empty directory. The same for the same size. Needs neither Linux nor privileges. */
export async function generateDemoTree(directory: string, { entries, max, buckets } = USUAL): Promise<void> {
  await Promise.all(['sysctl.d', 'modprobe.d', 'modules-load.d'].map((name) => mkdir(join(directory, 'etc', name), { recursive: true })));
  const files = {
    ...Object.fromEntries(
      Object.entries({ ...SETTINGS, count: entries, max }).map(([name, value]) => [`${SYSCTL}${name}`, [String(value)]]),
    ),
    [`${PARAMETERS}/hashsize`]: [String(buckets)],
    '/proc/net/stat/nf_conntrack': COUNTERS,
    '/proc/slabinfo': SLABINFO,
    '/proc/meminfo': ['MemTotal:        8388608 kB', 'MemAvailable:    6291456 kB'],
    '/proc/net/sockstat': ['sockets: used 214', 'TCP: inuse 62 orphan 0 tw 9 alloc 70 mem 12'],
    '/sys/devices/system/cpu/online': ['0-1'],
    '/proc/modules': ['nf_conntrack 200704 0 - Live 0x0000000000000000'],
    '/proc/sys/kernel/random/boot_id': ['00000000-0000-4000-8000-00000000d3f0'],
  };
  for (const [path, lines] of Object.entries(files)) await write(join(directory, path), `${lines.join('\n')}\n`);
  await write(join(directory, DUMP), Array.from({ length: entries }, (_, n) => demoEntryLine(n)).join(''));
  // In the kernel, both paths show the same variable.
  await symlink('netfilter/nf_conntrack_max', join(directory, '/proc/sys/net/nf_conntrack_max'));
  await symlink(`../../../..${PARAMETERS}/hashsize`, join(directory, `${SYSCTL}buckets`));
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
