import type { Entry } from '../../domain/entry.ts';
import { toEntry } from '../entries/view-to-entry.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { EntryDeleter } from '../netlink/entry-deleter.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import type { SystemFailure } from '../system-failure.ts';
import type { DumpResult } from './dump-job.ts';
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
  private readonly kept: Entry[] = [];

  constructor(limit: number, keep: number) {
    this.limit = limit;
    this.keep = keep;
  }

  take(view: EntryView): boolean {
    if (this.isFull()) return true;
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
    this.deleter.close();
    return { deletion: { deleted, gone, entries: this.kept, ...(failure && { failure }) } };
  }

  abandon(): void {
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
    for (const entry of this.deleter.send()) if (this.kept.length < this.keep) this.kept.push(entry);
  }
}
