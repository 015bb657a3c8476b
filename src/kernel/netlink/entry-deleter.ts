import type { Entry } from '../../domain/entry.ts';
import { systemFailureOf, type SystemFailure } from '../system-failure.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { messageBuffer } from './decode.ts';
import { keyOf } from './entry-key.ts';
import { deleteRequest } from './requests.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** Enough for the answers to a batch of some hundred requests. */
const RECEIVE_BUFFER_BYTES = 1_048_576;
const SEQUENCE_AT = 8;

/** Deletes entries by tuple and CTA_ID, many in one system call, and hears of each what became of it. Blocks; for threads only. */
export class EntryDeleter {
  deleted = 0;
  /** Entries that were gone when their turn came; another flow's entry with the same tuple has another id and is left alone. */
  gone = 0;
  /** Of the first that the kernel refused for another reason. */
  failure: SystemFailure | undefined;
  private readonly socket = new NetlinkSocket({ receiveBufferBytes: RECEIVE_BUFFER_BYTES });
  private readonly answers = messageBuffer(65_536);
  private requests: Buffer[] = [];
  private readonly entries = new Map<number, Entry | undefined>();

  /** Requests that are not sent yet. */
  get waiting(): number {
    return this.requests.length;
  }

  /** @param entry told by `send` once it is deleted */
  add(view: EntryView, entry: Entry | undefined): void {
    const key = keyOf(view);
    const sequence = this.socket.nextSequence();
    if (key.id === undefined) throw new RangeError('An entry without CTA_ID cannot be told from another of the same tuple.');
    this.requests.push(Buffer.from(deleteRequest({ ...key, id: key.id }, sequence)));
    this.entries.set(sequence, entry);
  }

  /** Sends what waits. Gives the entries that are deleted now. @throws NetlinkError where no answer comes */
  send(): Entry[] {
    if (this.requests.length === 0) return [];
    this.socket.send(Buffer.concat(this.requests));
    this.requests = [];
    const done: Entry[] = [];
    while (this.entries.size > 0) this.hear(done);
    return done;
  }

  close(): void {
    this.socket.close();
  }

  /** One receive, which may hold several answers. */
  private hear(done: Entry[]): void {
    const { bytes, words } = this.answers;
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

  /** @param error 0, or a negative errno */
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
