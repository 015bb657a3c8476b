import type { Entry } from '../../domain/entry.ts';
import { entryId } from '../entries/entry-id.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { toEntry } from '../entries/view-to-entry.ts';
import type { DumpResult } from './dump-job.ts';
import type { Output } from './outputs.ts';

/** The entries with the `limit` smallest ids after `after`, in order. An entry that the kernel lists twice is taken once. */
export class PageOutput implements Output {
  private readonly limit: number;
  private readonly after: string;
  private readonly page: Entry[] = [];
  private more = false;

  constructor(limit: number, after: string) {
    this.limit = limit;
    this.after = after;
  }

  get entries(): number {
    return this.page.length;
  }

  take(view: EntryView): boolean {
    const id = entryId(view);
    if (id <= this.after) return true;
    const { page, limit } = this;
    if (page.length === limit && id > (page[limit - 1]?.id ?? '')) {
      this.more = true;
      return true;
    }
    const at = this.position(id);
    if (page[at]?.id === id) return true;
    page.splice(at, 0, toEntry(view));
    if (page.length > limit) {
      page.pop();
      this.more = true;
    }
    return true;
  }

  isFull(): boolean {
    return false;
  }

  finish(): DumpResult {
    const last = this.page.at(-1)?.id;
    return { page: { entries: this.page, ...(this.more && last !== undefined && { next: last }) } };
  }

  /** Index of the first entry whose id is not smaller. */
  private position(id: string): number {
    let [low, high] = [0, this.page.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.page[middle]?.id ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
