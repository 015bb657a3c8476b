import type { Change, ChangeKind, ClosedChange, Intent, Outcome, OutcomeName } from '../../domain/change.ts';
import type { SettingName } from '../../domain/setting.ts';

export interface ChangeQuery {
  readonly setting?: SettingName;
  /** Name of the token or its id. */
  readonly actor?: string;
  readonly outcome?: OutcomeName;
  /** The first instant of `startedAt` that counts. */
  readonly since?: Date;
  /** The first instant that no longer counts. */
  readonly until?: Date;
}

export interface JournalHead {
  readonly sequence: number;
  readonly hash: string;
}

/** As much of a change as is needed to count it. */
export interface ChangeEnd {
  readonly id: number;
  readonly kind: ChangeKind;
  readonly outcome: OutcomeName;
}

export interface JournalVerification {
  /** Records that were found in order. */
  readonly records: number;
  readonly head: JournalHead;
  /** The first record that is not as it was written; absent when all are. */
  readonly broken?: { readonly sequence: number; readonly reason: string };
}

/**
 * The record of every change: rows are only ever added, each carries the hash of the one before.
 *
 * Every method throws ConntrackError `JOURNAL_UNAVAILABLE` when the database cannot be used.
 */
export abstract class Journal {
  /** Durable (synced to disk) when it returns. Ids count up from 1 without gaps. */
  abstract open(intent: Intent): number;

  /** The id that `open` will give next, as long as nobody else opens a change. */
  abstract nextId(): number;

  /** Durable when it returns. A change is closed once. */
  abstract close(id: number, outcome: Outcome): ClosedChange;

  /** @throws ConntrackError `CHANGE_NOT_FOUND` */
  abstract get(id: number): Change;

  /** Newest first, with ids below `before`; deletions without their entries. */
  abstract list(query: ChangeQuery, limit: number, before?: number): readonly Change[];

  /** Changes opened and never closed: the process died in the middle. Oldest first. */
  abstract pending(): readonly Change[];

  /**
   * Changes with a confirmation window that took effect and that no later change which took effect has confirmed, reverted or rolled back.
   * Oldest first, each with its latest extension’s window in place of its own.
   */
  abstract awaitingConfirmation(): readonly ClosedChange[];

  /** The latest change of this token and key that started at `since` or later. */
  abstract findByKey(tokenId: string, key: string, since: Date): Change | undefined;

  /** All changes after `id`, oldest first; deletions without their entries. */
  abstract after(id: number): readonly Change[];

  /** The first `limit` changes after `id`, oldest first. */
  abstract ends(id: number, limit: number): readonly ChangeEnd[];

  /** Sequence and hash of the newest record, `0` and 64 zeros before the first. */
  abstract head(): JournalHead;

  /** Recomputes the whole chain, yielding to the event loop between pages. */
  abstract verify(anchor?: JournalHead): Promise<JournalVerification>;

  /** Every record as a line of JSON without its line feed, as it is when it is reached. */
  abstract export(): Iterable<string>;

  /** The latest change after `id` that altered (or may have altered) the setting or file named `subject`. */
  abstract lastToAlter(subject: string, after: number): number | undefined;
}
