import type { Entry } from '../../domain/entry.ts';
import { systemFailureOf, type SystemFailure } from '../system-failure.ts';
import type { EntryKey } from '../entries/entry-id.ts';
import { EntryView } from '../entries/entry-view.ts';
import { decodeEntry } from './decode.ts';
import { EntryExchange } from './entry-exchange.ts';
import { keyOf } from './entry-key.ts';
import { deleteRequest, getRequest } from './requests.ts';

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
  private readonly exchange = new EntryExchange();
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
    this.exchange.run(
      this.withoutReplaced(queue),
      ({ key }, sequence) => deleteRequest(key, sequence),
      ({ entry }, error) => {
        if (this.count(error) && entry) done.push(entry);
      },
    );
    return done;
  }

  close(): void {
    this.exchange.close();
  }

  /** Leaves out the entries that ended, also if a later flow has their tuple and their id. */
  private withoutReplaced(queue: readonly Doomed[]): readonly Doomed[] {
    const kept = new Set(queue.filter(({ start }) => start === undefined));
    const timed = queue.filter((doomed) => !kept.has(doomed));
    this.exchange.run(
      timed,
      ({ key }, sequence) => getRequest(key, sequence),
      (doomed, error, at, end) => {
        if (error === undefined && this.isSame(doomed, at, end)) kept.add(doomed);
        else if (error === undefined) this.gone += 1;
        else if (error !== 0) this.countError(error);
      },
    );
    return queue.filter((doomed) => kept.has(doomed));
  }

  private isSame({ key, start }: Doomed, at: number, end: number): boolean {
    const { view } = this;
    decodeEntry(this.exchange.replies, at, end, view);
    return view.hasId && view.id === (key.id | 0) && view.hasStart && view.startHigh === start?.[0] && view.startLow === start[1];
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
