import type { Entry } from '../../domain/entry.ts';
import { toEntry } from '../entries/view-to-entry.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { ConnectionEnder } from '../netlink/connection-ender.ts';
import { EntryDeleter } from '../netlink/entry-deleter.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import type { SystemFailure } from '../system-failure.ts';
import type { DumpOutput, DumpResult } from './dump-job.ts';
import type { Output } from './outputs.ts';

const BATCH = 128;

/**
 * Deletes entries one by one, each by its tuple and id, so that only the entry that was read is deleted. Requests are sent in batches;
 * `entries` counts the entries of all batches, including the one that is not sent yet.
 */
export class DeleteOutput implements Output {
  entries = 0;
  private readonly limit: number;
  private readonly keep: number;
  private readonly deleter = new EntryDeleter();
  private readonly ender: ConnectionEnder | undefined;
  private readonly kept: Entry[] = [];

  constructor({ limit, keep, end }: Extract<DumpOutput, { readonly kind: 'delete' }>) {
    this.limit = limit;
    this.keep = keep;
    this.ender = end && new ConnectionEnder(end);
  }

  take(view: EntryView): boolean {
    if (this.isFull() || this.ender?.add(view) === false) return true;
    this.deleter.add(view, this.kept.length < this.keep ? toEntry(view) : undefined);
    this.entries += 1;
    if (this.deleter.waiting >= BATCH) this.send();
    return true;
  }

  isFull(): boolean {
    return this.entries >= this.limit || this.deleter.failure !== undefined;
  }

  finish(): DumpResult {
    const sendFailure = this.trySend();
    const { deleted, gone, failure = sendFailure } = this.deleter;
    this.abandon();
    const ended = this.ender && { sockets: this.ender.sockets, skipped: this.ender.skipped };
    return { deletion: { deleted, gone, entries: this.kept, ...(ended && { ended }), ...(failure && { failure }) } };
  }

  abandon(): void {
    this.ender?.close();
    this.deleter.close();
  }

  /** A failure keeps the results of earlier batches. */
  private trySend(): SystemFailure | undefined {
    try {
      this.send();
      return undefined;
    } catch (error) {
      return error instanceof NetlinkError ? error.failure : { code: 'INTERRUPTED', message: String(error) };
    }
  }

  private send(): void {
    this.ender?.send();
    for (const entry of this.deleter.send()) if (this.kept.length < this.keep) this.kept.push(entry);
  }
}
