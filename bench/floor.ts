/**
 * Measures the minimum cost of a dump: `floor.ts [FILTER]` requests the entries from the kernel, receives them into one buffer and discards them.
 * With a filter of the API, it sends the kernel filters that the service would send, one after the other. Prints
 * `{"entries", "cpuSeconds", "wallSeconds", "firstMilliseconds"}` of the dumps, without the start of the process.
 */
import { splitDump } from '../src/kernel/dump/split-dump.ts';
import { parseFilter } from '../src/domain/filter/parse-filter.ts';
import { NLMSG_DONE, NLMSG_ERROR } from '../src/kernel/netlink/ctnetlink.ts';
import type { KernelFilter } from '../src/kernel/netlink/kernel-filter.ts';
import { NetlinkSocket } from '../src/kernel/netlink/netlink-socket.ts';
import { pushDown } from '../src/kernel/netlink/push-down.ts';
import { dumpRequest } from '../src/kernel/netlink/requests.ts';

const WORD_BYTES = 4;
const WORKERS = 2;

const [filter] = process.argv.slice(2);
const kernelFilters = filter === undefined ? [{}] : splitDump(parseFilter(filter), WORKERS).parts.map(pushDown);
const socket = new NetlinkSocket();
socket.setStrict();
const buffer = new Uint8Array(256 * 1_024);
const words = new Uint32Array(buffer.buffer);
const halves = new Uint16Array(buffer.buffer);
let firstMilliseconds: number | undefined;

const cpuBefore = process.cpuUsage();
const start = performance.now();
const entries = kernelFilters.reduce((sum, each) => sum + receiveAll(each), 0);
const wallSeconds = (performance.now() - start) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(`${JSON.stringify({ entries, cpuSeconds: (user + system) / 1e6, wallSeconds, firstMilliseconds })}\n`);

function receiveAll(kernelFilter: KernelFilter): number {
  socket.send(dumpRequest(kernelFilter, socket.nextSequence()));
  for (let seen = 0; ;) {
    const end = socket.receive(buffer);
    firstMilliseconds ??= performance.now() - start;
    for (let at = 0; at < end; at += ((words[at / WORD_BYTES] ?? end) + 3) & ~3) {
      const type = halves[at / 2 + 2];
      if (type === NLMSG_ERROR) throw new Error('The kernel refused the dump.');
      if (type === NLMSG_DONE) return seen;
      seen += 1;
    }
  }
}
