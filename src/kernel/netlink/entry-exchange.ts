import { messageType } from './attribute-values.ts';
import { NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { messageBuffer, type MessageBuffer } from './decode.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** Enough for the replies to a batch of a few hundred requests, each of which takes a page and more in the kernel. */
const RECEIVE_BUFFER_BYTES = 4_194_304;
const SEQUENCE_AT = 8;

/** Sends many requests about entries in one system call. Blocks: use it in worker threads only. @throws NetlinkError if the kernel does not reply */
export class EntryExchange {
  readonly replies: MessageBuffer = messageBuffer(65_536);
  private readonly socket = new NetlinkSocket({ receiveBufferBytes: RECEIVE_BUFFER_BYTES });

  /**
   * Sends a request for each item, and passes on each message of the replies until all are acknowledged.
   *
   * @param request has NLM_F_ACK
   * @param onReply `error`: 0 or a negative errno for an acknowledgement, absent for a message, which is at `at` to `end` of `replies`
   */
  run<T>(
    items: readonly T[],
    request: (item: T, sequence: number) => Uint8Array,
    onReply: (item: T, error: number | undefined, at: number, end: number) => void,
  ): void {
    if (items.length === 0) return;
    const pending = new Map(items.map((item) => [this.socket.nextSequence(), item]));
    this.socket.send(Buffer.concat([...pending].map(([sequence, item]) => Buffer.from(request(item, sequence)))));
    const { bytes, words } = this.replies;
    while (pending.size > 0) {
      const received = this.socket.receive(bytes);
      for (let at = 0; at + NLMSG_HEADER_BYTES < received;) {
        const length = words[at >>> 2] as number;
        const sequence = words[(at + SEQUENCE_AT) >>> 2] as number;
        const isAcknowledged = messageType(words[(at >>> 2) + 1] as number) === NLMSG_ERROR;
        const error = isAcknowledged ? (words[(at + NLMSG_HEADER_BYTES) >>> 2] as number) | 0 : undefined;
        const item = pending.get(sequence);
        if (item !== undefined) onReply(item, error, at, at + length);
        if (isAcknowledged) pending.delete(sequence);
        at += Math.max((length + 3) & ~3, NLMSG_HEADER_BYTES);
      }
    }
  }

  close(): void {
    this.socket.close();
  }
}
