/**
 * Measures the minimum cost of a dump: requests the whole table from the kernel, receives it into one buffer and discards it. Prints
 * `{"entries", "cpuSeconds", "wallSeconds"}` of the dump, without the start of the process.
 */
import { CT_GET, NLMSG_DONE, NLMSG_ERROR, NLM_F_DUMP, NLM_F_REQUEST } from '../src/kernel/netlink/ctnetlink.ts';
import { MessageWriter } from '../src/kernel/netlink/message-writer.ts';
import { NetlinkSocket } from '../src/kernel/netlink/netlink-socket.ts';

const WORD_BYTES = 4;

const socket = new NetlinkSocket();
const buffer = new Uint8Array(256 * 1_024);
const words = new Uint32Array(buffer.buffer);
const halves = new Uint16Array(buffer.buffer);

const cpuBefore = process.cpuUsage();
const start = performance.now();
const entries = receiveAll();
const wallSeconds = (performance.now() - start) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(`${JSON.stringify({ entries, cpuSeconds: (user + system) / 1e6, wallSeconds })}\n`);

function receiveAll(): number {
  socket.send(new MessageWriter().begin(CT_GET, NLM_F_REQUEST | NLM_F_DUMP, 0, socket.nextSequence()).finish().bytes);
  for (let seen = 0; ;) {
    const end = socket.receive(buffer);
    for (let at = 0; at < end; at += ((words[at / WORD_BYTES] ?? end) + 3) & ~3) {
      const type = halves[at / 2 + 2];
      if (type === NLMSG_ERROR) throw new Error('The kernel refused the dump.');
      if (type === NLMSG_DONE) return seen;
      seen += 1;
    }
  }
}
