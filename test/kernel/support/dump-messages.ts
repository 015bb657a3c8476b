/** Prints the raw messages of a dump of its network namespace, one per line, in base64. */
import { NLMSG_DONE, NLMSG_ERROR } from '../../../src/kernel/netlink/ctnetlink.ts';
import { messageBuffer } from '../../../src/kernel/netlink/decode.ts';
import { dumpRequest } from '../../../src/kernel/netlink/requests.ts';
import { NetlinkSocket } from '../../../src/kernel/netlink/netlink-socket.ts';

const { bytes, words } = messageBuffer(65_536);
const socket = new NetlinkSocket();
socket.send(dumpRequest({}, socket.nextSequence()));
const lines: string[] = [];
while (!takeBlock(socket.receive(bytes)));
socket.close();
process.stdout.write(lines.join('\n'));

/** Whether it was the last block. */
function takeBlock(end: number): boolean {
  for (let at = 0; at < end;) {
    const length = words[at >>> 2] ?? 0;
    const type = new Uint16Array(bytes.buffer, at + 4, 1)[0];
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR || length === 0) throw new Error(`The kernel sent a message of type ${String(type)}.`);
    lines.push(Buffer.from(bytes.subarray(at, at + length)).toString('base64'));
    at += (length + 3) & ~3;
  }
  return false;
}
