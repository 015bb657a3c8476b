import type { Change } from '../../domain/change.ts';
import type { Journal } from '../ports/journal.ts';

const PAGE_SIZE = 50;

/** Changes of a setting (by `subjectIn`) or a boot file (by path), newest first, read in pages as they are consumed. */
export function* changesOf(journal: Journal, subject: string): Generator<Change, void, undefined> {
  let before: number | undefined;
  for (;;) {
    const page = journal.list({ subject }, PAGE_SIZE, before);
    yield* page;
    before = page.at(-1)?.id;
    if (page.length < PAGE_SIZE) return;
  }
}
