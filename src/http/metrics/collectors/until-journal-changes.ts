import type { Journal } from '../../../application/ports/journal.ts';

/** Caches a value that depends only on the journal, until a record is added. */
export class UntilJournalChanges<T> {
  private cached: { readonly hash: string; readonly value: T } | undefined;

  constructor(
    private readonly journal: Pick<Journal, 'head'>,
    private readonly find: () => T | Promise<T>,
  ) {}

  /** @throws ConntrackError `JOURNAL_UNAVAILABLE`, and the errors of `find`. Errors are not cached. */
  async value(): Promise<T> {
    const { hash } = this.journal.head();
    if (this.cached?.hash !== hash) this.cached = { hash, value: await this.find() };
    return this.cached.value;
  }
}
