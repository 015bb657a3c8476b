import type { CounterReading } from '../../domain/table.ts';
import { CTA_STATS_GLOBAL } from './ctnetlink.ts';
import { messageBuffer, MalformedMessage } from './decode.ts';
import { statsPerCpuRequest, statsRequest } from './requests.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { readStatisticsMessages } from './statistics-messages.ts';

/**
 * `enum ctattr_stats_cpu`. The names are those of the columns of /proc/net/stat/nf_conntrack that show the same counters, so that a client
 * need not know the source of a counter. Current kernels leave out the counters that they no longer maintain.
 */
const PER_CPU: ReadonlyMap<number, string> = new Map([
  [1, 'searched'], // CTA_STATS_SEARCHED
  [2, 'found'], // CTA_STATS_FOUND
  [3, 'new'], // CTA_STATS_NEW
  [4, 'invalid'], // CTA_STATS_INVALID
  [5, 'ignore'], // CTA_STATS_IGNORE
  [6, 'delete'], // CTA_STATS_DELETE
  [7, 'delete_list'], // CTA_STATS_DELETE_LIST
  [8, 'insert'], // CTA_STATS_INSERT
  [9, 'insert_failed'], // CTA_STATS_INSERT_FAILED
  [10, 'drop'], // CTA_STATS_DROP
  [11, 'early_drop'], // CTA_STATS_EARLY_DROP
  [12, 'icmp_error'], // CTA_STATS_ERROR
  [13, 'search_restart'], // CTA_STATS_SEARCH_RESTART
  [14, 'clashres'], // CTA_STATS_CLASH_RESOLVE
  [15, 'chainlength'], // CTA_STATS_CHAIN_TOOLONG
]);

const BLOCK_BYTES = 32_768;
/** The kernel replies during the request, so this timeout is never reached. */
const TIMEOUT_MILLISECONDS = 1_000;

/**
 * The number of entries in the network namespace of the calling thread. Takes microseconds.
 *
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN, `EINVAL` without ctnetlink; MalformedMessage
 */
export function readEntryCount(): number {
  const count = query(statsRequest, false)[0]?.get(CTA_STATS_GLOBAL.entries);
  if (count === undefined) throw new MalformedMessage('statistics without the number of entries', 0);
  return count;
}

/** The counters of each CPU in the network namespace of the calling thread. Takes microseconds. @throws as `readEntryCount` */
export function readPerCpuCounters(): CounterReading['perCpu'] {
  return query(statsPerCpuRequest, true).map(namedCounters);
}

export function namedCounters(numbers: ReadonlyMap<number, number>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...numbers].flatMap(([attribute, value]) => {
      const name = PER_CPU.get(attribute);
      return name === undefined ? [] : [[name, value]];
    }),
  );
}

/** @param isDump whether the reply ends with NLMSG_DONE */
function query(request: (sequence: number) => Uint8Array, isDump: boolean): readonly ReadonlyMap<number, number>[] {
  const socket = new NetlinkSocket({ timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  try {
    socket.send(request(socket.nextSequence()));
    const { bytes } = messageBuffer(BLOCK_BYTES);
    const collected: ReadonlyMap<number, number>[] = [];
    for (;;) {
      const { messages, isDone } = readStatisticsMessages(bytes.subarray(0, socket.receive(bytes)));
      collected.push(...messages);
      if (isDone || !isDump) return collected;
    }
  } finally {
    socket.close();
  }
}
