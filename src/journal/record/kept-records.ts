import type { JournalHead } from '../../application/ports/journal.ts';
import type { RecordedArchive } from './archive-content.ts';
import type { Break } from './derived-tables.ts';
import { breakBetween, type RecordRow } from './record.ts';

/**
 * Verifies the records before the anchor of an archive. Besides those that it keeps, the newest of them may still be there, in an unbroken chain
 * up to the anchor, if their deletion was interrupted.
 */
export class KeptRecords {
  private readonly missing: Map<number, string>;
  private readonly through: JournalHead;
  private last: JournalHead | undefined;

  constructor({ kept, through }: RecordedArchive) {
    this.missing = new Map(kept.map(({ sequence, hash }) => [sequence, hash]));
    this.through = through;
  }

  /** To be called with each record up to the anchor, oldest first. */
  check(row: RecordRow): Break | undefined {
    const kept = this.missing.get(row.sequence);
    this.missing.delete(row.sequence);
    const alone = { sequence: row.sequence - 1, hash: row.previous_hash };
    const reason = breakBetween(this.last ?? alone, row) ?? (kept === undefined || kept === row.hash ? undefined : 'it was replaced');
    if (kept === undefined || this.last) this.last = { sequence: row.sequence, hash: row.hash };
    return reason === undefined ? undefined : { sequence: row.sequence, reason };
  }

  /** To be called at the end. */
  finish(): Break | undefined {
    const [lost] = this.missing.keys();
    if (lost !== undefined) return { sequence: lost, reason: 'the archive kept it in the database, and it was removed' };
    if (!this.last || (this.last.sequence === this.through.sequence && this.last.hash === this.through.hash)) return undefined;
    return {
      sequence: this.last.sequence,
      reason: `it is archived, and does not lead to record ${this.through.sequence}: it was inserted`,
    };
  }
}
