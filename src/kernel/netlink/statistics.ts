import type { CounterReading } from '../../domain/table.ts';
import { messageBuffer, MalformedMessage } from './decode.ts';
import { statsPerCpuRequest, statsRequest } from './requests.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { readStatisticsMessages } from './statistics-messages.ts';

/** `enum ctattr_stats_global` */
const GLOBAL_ENTRIES = 1;
/**
 * `enum ctattr_stats_cpu`, under the names of the columns of /proc/net/stat/nf_conntrack that show the same: a client need not know which
 * way a counter came. Today's kernels leave out those that they do not count any more.
 */
const PER_CPU: ReadonlyMap<number, string> = new Map([
  [1, 'searched'],
  [2, 'found'],
  [3, 'new'],
  [4, 'invalid'],
  [5, 'ignore'],
  [6, 'delete'],
  [7, 'delete_list'],
  [8, 'insert'],
  [9, 'insert_failed'],
  [10, 'drop'],
  [11, 'early_drop'],
  [12, 'icmp_error'],
  [13, 'search_restart'],
  [14, 'clashres'],
  [15, 'chainlength'],
]);

const BLOCK_BYTES = 32_768;
/** The kernel answers while it is asked. */
const TIMEOUT_MILLISECONDS = 1_000;

/**
 * Entries in use in the network namespace of the calling thread. Microseconds.
 *
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN, `EINVAL` without ctnetlink; MalformedMessage
 */
export function readEntryCount(): number {
  const count = ask(statsRequest, false)[0]?.get(GLOBAL_ENTRIES);
  if (count === undefined) throw new MalformedMessage('statistics without the number of entries', 0);
  return count;
}

/** The counters of the network namespace of the calling thread. Microseconds. @throws as `readEntryCount` */
export function readPerCpuCounters(): CounterReading['perCpu'] {
  return ask(statsPerCpuRequest, true).map(namedCounters);
}

export function namedCounters(numbers: ReadonlyMap<number, number>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...numbers].flatMap(([attribute, value]) => {
      const name = PER_CPU.get(attribute);
      return name === undefined ? [] : [[name, value]];
    }),
  );
}

/** @param isDump whether the answer has an end of its own */
function ask(request: (sequence: number) => Uint8Array, isDump: boolean): readonly ReadonlyMap<number, number>[] {
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
