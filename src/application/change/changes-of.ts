import type { Change } from '../../domain/change.ts';
import type { Journal } from '../ports/journal.ts';

const AT_ONCE = 50;

/** Changes of a setting (by name) or a boot file (by path), newest first, read as they are taken. */
export function* changesOf(journal: Journal, subject: string): Generator<Change, void, undefined> {
  let before: number | undefined;
  for (;;) {
    const page = journal.list({ setting: subject }, AT_ONCE, before);
    yield* page;
    before = page.at(-1)?.id;
    if (page.length < AT_ONCE) return;
  }
}
