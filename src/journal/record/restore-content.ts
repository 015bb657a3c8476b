import type { JournalHead } from '../../application/ports/journal.ts';
import type { Administrator } from '../../application/ports/tokens.ts';
import { recordContent, type Draft } from './record.ts';

/** What a record of kind `restore` contains. */
interface Restore {
  /** The backup. */
  readonly file: string;
  /** The head of the backup. */
  readonly restored: JournalHead;
  /** The head of the journal that was replaced; `null` if there was none or it could not be read. */
  readonly replaced: JournalHead | null;
  /** The name of the replaced journal in the data directory; `null` if there was none. */
  readonly previousFile: string | null;
  readonly by: Administrator;
}

export function restoreDraft({ file, restored, replaced, previousFile, by: { actor } }: Restore, at: Date): Draft {
  const content = recordContent({
    file,
    restored: { ...restored },
    replaced: replaced && { ...replaced },
    previousFile,
    actor: { tokenId: actor.tokenId, name: actor.name, peer: actor.peer },
  });
  return { kind: 'restore', changeId: 0, at, content };
}
