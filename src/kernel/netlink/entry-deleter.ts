import type { Entry } from '../../domain/entry.ts';
import { systemFailureOf, type SystemFailure } from '../system-failure.ts';
import type { EntryKey } from '../entries/entry-id.ts';
import { EntryView } from '../entries/entry-view.ts';
import { messageType } from './attribute-values.ts';
import { NLMSG_ERROR, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { decodeEntry, messageBuffer } from './decode.ts';
import { keyOf } from './entry-key.ts';
import { deleteRequest, getRequest } from './requests.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** Enough for the replies to a batch of a few hundred requests, each of which takes a page and more in the kernel. */
const RECEIVE_BUFFER_BYTES = 4_194_304;
const SEQUENCE_AT = 8;

/** An entry to delete. */
interface Doomed {
  readonly key: EntryKey & { readonly id: number };
  /** When it began, in nanoseconds as two halves; absent if the kernel did not record it. */
  readonly start: readonly [high: number, low: number] | undefined;
  /** Returned once it is deleted. */
  readonly entry: Entry | undefined;
}

/**
 * Deletes entries by tuple and CTA_ID, many in one system call, and records the result of each. An entry with a start time is read again just
 * before, because a later flow can have its tuple and its CTA_ID. Blocks: use it in worker threads only.
 */
export class EntryDeleter {
  deleted = 0;
  /** Entries that no longer existed. An entry of another flow with the same tuple has another id or start time and is not deleted. */
  gone = 0;
  /** The first refusal by the kernel for another reason. */
  failure: SystemFailure | undefined;
  private readonly socket = new NetlinkSocket({ receiveBufferBytes: RECEIVE_BUFFER_BYTES });
  private readonly replies = messageBuffer(65_536);
  private readonly view = new EntryView();
  private queue: Doomed[] = [];

  /** Entries whose deletion is not yet requested. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Queues a deletion. @param entry returned by `send` once it is deleted */
  add(view: EntryView, entry: Entry | undefined): void {
    const key = keyOf(view);
    if (key.id === undefined)
      throw new RangeError('The entry has no CTA_ID, so it cannot be distinguished from a later entry with the same tuple.');
    const start = view.hasStart ? ([view.startHigh, view.startLow] as const) : undefined;
    this.queue.push({ key: { ...key, id: key.id }, start, entry });
  }

  /** Deletes the queued entries and returns those that are now deleted. @throws NetlinkError if the kernel does not reply */
  send(): Entry[] {
    const { queue } = this;
    this.queue = [];
    const done: Entry[] = [];
    this.exchange(this.withoutReplaced(queue), deleteRequest, ({ entry }, error) => {
      if (this.count(error) && entry) done.push(entry);
    });
    return done;
  }

  close(): void {
    this.socket.close();
  }

  /** Leaves out the entries that ended, also if a later flow has their tuple and their id. */
  private withoutReplaced(queue: readonly Doomed[]): readonly Doomed[] {
    const kept = new Set(queue.filter(({ start }) => start === undefined));
    const timed = queue.filter((doomed) => !kept.has(doomed));
    this.exchange(timed, getRequest, (doomed, error, at, end) => {
      if (error === undefined && this.isSame(doomed, at, end)) kept.add(doomed);
      else if (error === undefined) this.gone += 1;
      else if (error !== 0) this.countError(error);
    });
    return queue.filter((doomed) => kept.has(doomed));
  }

  private isSame({ key, start }: Doomed, at: number, end: number): boolean {
    const { view } = this;
    decodeEntry(this.replies, at, end, view);
    return view.hasId && view.id === (key.id | 0) && view.hasStart && view.startHigh === start?.[0] && view.startLow === start[1];
  }

  /**
   * Sends a request for each, and passes on each message of the replies until all are acknowledged.
   *
   * @param onReply `error`: 0 or a negative errno for an acknowledgement, absent for a message, which is at `at` to `end` of the buffer
   */
  private exchange(
    queue: readonly Doomed[],
    request: (key: Doomed['key'], sequence: number) => Uint8Array,
    onReply: (doomed: Doomed, error: number | undefined, at: number, end: number) => void,
  ): void {
    if (queue.length === 0) return;
    const pending = new Map(queue.map((doomed) => [this.socket.nextSequence(), doomed]));
    this.socket.send(Buffer.concat([...pending].map(([sequence, { key }]) => Buffer.from(request(key, sequence)))));
    const { bytes, words } = this.replies;
    while (pending.size > 0) {
      const received = this.socket.receive(bytes);
      for (let at = 0; at + NLMSG_HEADER_BYTES < received;) {
        const length = words[at >>> 2] as number;
        const sequence = words[(at + SEQUENCE_AT) >>> 2] as number;
        const isAcknowledged = messageType(words[(at >>> 2) + 1] as number) === NLMSG_ERROR;
        const doomed = pending.get(sequence);
        const error = isAcknowledged ? (words[(at + NLMSG_HEADER_BYTES) >>> 2] as number) | 0 : undefined;
        if (doomed) onReply(doomed, error, at, at + length);
        if (isAcknowledged) pending.delete(sequence);
        at += Math.max((length + 3) & ~3, NLMSG_HEADER_BYTES);
      }
    }
  }

  /** Whether the entry is deleted. @param error 0, or a negative errno */
  private count(error = 0): boolean {
    if (error === 0) {
      this.deleted += 1;
      return true;
    }
    this.countError(error);
    return false;
  }

  private countError(error: number): void {
    const failure = systemFailureOf(-error);
    if (failure.code === 'ENOENT') this.gone += 1;
    else this.failure ??= failure;
  }
}
