import type { Journal } from '../../../application/ports/journal.ts';

/** Remembers what follows from the journal alone until a record is added to it. */
export class UntilJournalChanges<T> {
  private known: { readonly hash: string; readonly value: T } | undefined;

  constructor(
    private readonly journal: Pick<Journal, 'head'>,
    private readonly find: () => T | Promise<T>,
  ) {}

  /** @throws ConntrackError `JOURNAL_UNAVAILABLE`, and what finding it throws: nothing is remembered then */
  async value(): Promise<T> {
    const { hash } = this.journal.head();
    if (this.known?.hash !== hash) this.known = { hash, value: await this.find() };
    return this.known.value;
  }
}
