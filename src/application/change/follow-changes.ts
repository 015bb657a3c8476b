import type { ClosedChange } from '../../domain/change.ts';
import type { Journal } from '../ports/journal.ts';

/** Read at once, in less than a millisecond. */
const PAGE_SIZE = 50;

/** Hands on each completed change of the network namespace of the service once, oldest first, in pages between which requests are served. */
export class FollowedChanges {
  private readonly journal: Journal;
  private readonly add: (change: ClosedChange) => void;
  private last: number;
  /** Of the journal when all were read. */
  private head: string | undefined;

  /** @param after the id of a change */
  constructor(journal: Journal, after: number, add: (change: ClosedChange) => void) {
    this.journal = journal;
    this.last = after;
    this.add = add;
  }

  /** @throws ConntrackError `JOURNAL_UNAVAILABLE` */
  async catchUp(): Promise<void> {
    const { hash } = this.journal.head();
    if (hash === this.head) return;
    while (this.readPage()) await new Promise((resolve) => setImmediate(resolve));
    this.head = hash;
  }

  /** @returns whether there may be more. One that has not ended yet is read later, with those after it. */
  private readPage(): boolean {
    const page = this.journal.after(this.last, PAGE_SIZE);
    for (const change of page) {
      if (change.outcome === 'pending') return false;
      if (change.namespace === undefined) this.add(change);
      this.last = change.id;
    }
    return page.length === PAGE_SIZE;
  }
}
