import type { Entry } from '../../domain/entry.ts';
import { systemFailureOf, type SystemFailure } from '../system-failure.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { messageBuffer } from './decode.ts';
import { keyOf } from './entry-key.ts';
import { deleteRequest } from './requests.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** Enough for the replies to a batch of a few hundred requests. */
const RECEIVE_BUFFER_BYTES = 1_048_576;
const SEQUENCE_AT = 8;

/** Deletes entries by tuple and CTA_ID, many in one system call, and records the result of each. Blocks: use it in worker threads only. */
export class EntryDeleter {
  deleted = 0;
  /** Entries that no longer existed. An entry of another flow with the same tuple has another id and is not deleted. */
  gone = 0;
  /** The first refusal by the kernel for another reason. */
  failure: SystemFailure | undefined;
  private readonly socket = new NetlinkSocket({ receiveBufferBytes: RECEIVE_BUFFER_BYTES });
  private readonly replies = messageBuffer(65_536);
  private requests: Buffer[] = [];
  private readonly entries = new Map<number, Entry | undefined>();

  /** Requests that are not yet sent. */
  get waiting(): number {
    return this.requests.length;
  }

  /** Queues a deletion. @param entry returned by `send` once it is deleted */
  add(view: EntryView, entry: Entry | undefined): void {
    const key = keyOf(view);
    const sequence = this.socket.nextSequence();
    if (key.id === undefined)
      throw new RangeError('The entry has no CTA_ID, so it cannot be distinguished from a later entry with the same tuple.');
    this.requests.push(Buffer.from(deleteRequest({ ...key, id: key.id }, sequence)));
    this.entries.set(sequence, entry);
  }

  /** Sends the queued requests and returns the entries that are now deleted. @throws NetlinkError if the kernel does not reply */
  send(): Entry[] {
    if (this.requests.length === 0) return [];
    this.socket.send(Buffer.concat(this.requests));
    this.requests = [];
    const done: Entry[] = [];
    while (this.entries.size > 0) this.receive(done);
    return done;
  }

  close(): void {
    this.socket.close();
  }

  /** Receives once, which may return several replies. */
  private receive(done: Entry[]): void {
    const { bytes, words } = this.replies;
    const end = this.socket.receive(bytes);
    for (let at = 0; at + NLMSG_HEADER_BYTES < end;) {
      const length = words[at >>> 2] as number;
      const sequence = words[(at + SEQUENCE_AT) >>> 2] as number;
      const type = new Uint16Array(bytes.buffer, at + 4, 1)[0];
      if (type === NLMSG_ERROR && this.entries.has(sequence)) {
        const entry = this.entries.get(sequence);
        if (this.count((words[(at + NLMSG_HEADER_BYTES) >>> 2] as number) | 0) && entry) done.push(entry);
        this.entries.delete(sequence);
      }
      at += Math.max((length + 3) & ~3, NLMSG_HEADER_BYTES);
    }
  }

  /** Whether the entry is deleted. @param error 0, or a negative errno */
  private count(error: number): boolean {
    if (error === 0) {
      this.deleted += 1;
      return true;
    }
    const failure = systemFailureOf(-error);
    if (failure.code === 'ENOENT') this.gone += 1;
    else this.failure ??= failure;
    return false;
  }
}
