import type { Change, ChangeKind, ClosedChange, Intent, Outcome, OutcomeName } from '../../domain/change.ts';
import type { DesiredState } from '../../domain/desired/desired-state.ts';
import type { GuardConfig } from '../../domain/guard/guard-config.ts';
import type { SettingName } from '../../domain/setting.ts';
import type { Administrator } from './tokens.ts';

export interface ChangeQuery {
  /** Changes of this setting, in any network namespace. */
  readonly setting?: SettingName;
  /** Changes of exactly this setting ({@link subjectIn}) or file (its path). */
  readonly subject?: string;
  /** Changes of the settings or entries of the network namespace that had this name. */
  readonly namespace?: string;
  /** Name or id of a token. */
  readonly actor?: string;
  readonly outcome?: OutcomeName;
  /** Earliest `startedAt`, inclusive. */
  readonly since?: Date;
  /** Latest `startedAt`, exclusive. */
  readonly until?: Date;
}

export interface JournalHead {
  readonly sequence: number;
  readonly hash: string;
}

/** A record that others follow: 0 is before the first. With its hash, a record of another journal is refused. */
export interface JournalStart {
  readonly sequence: number;
  readonly hash?: string;
}

/** Reads records in order, each once. */
export interface JournalRecords {
  /**
   * The next records as lines of JSON, without line feeds; empty after the newest record. At most 16, because one can have a megabyte.
   *
   * @throws ConntrackError `JOURNAL_UNAVAILABLE`, also if the next record was archived meanwhile
   */
  next(): readonly string[];
}

/** The parts of a change that are needed to count it. */
export interface ChangeEnd {
  readonly id: number;
  readonly kind: ChangeKind;
  readonly outcome: OutcomeName;
}

/** A configuration, as recorded. */
export interface ConfigurationRecord<C> {
  readonly sequence: number;
  readonly at: Date;
  readonly by: Administrator;
  /** The newest change at that time: later ones count as the history of the configuration. */
  readonly afterChange: number;
  readonly before: C | null;
  readonly config: C;
}

export type GuardRecord = ConfigurationRecord<GuardConfig>;
export type DesiredRecord = ConfigurationRecord<DesiredState>;

/** A token whose stored row differs from its newest record. */
export interface AlteredToken {
  readonly id: string;
  /** Which fields, with their recorded and stored values. */
  readonly difference: string;
}

/** The changes that were moved to a file. */
export interface ArchivedChanges {
  /** The last record of the file. The records in the database continue from it. */
  readonly through: JournalHead;
  /** The id of the last change in the file. */
  readonly change: number;
  /** Absolute path at the time of the archive. */
  readonly file: string;
  readonly sha256: string;
  readonly at: Date;
  /** All archived changes by kind and outcome, including those of earlier archives. */
  readonly counts: readonly ChangeTally[];
}

export interface ChangeTally {
  readonly kind: ChangeKind;
  readonly outcome: OutcomeName;
  readonly changes: number;
}

export interface JournalVerification {
  /** Number of records that are intact. With archived changes: of those after the archive. */
  readonly records: number;
  readonly head: JournalHead;
  /** The first record that is not as it was written; absent when all records are intact. */
  readonly broken?: { readonly sequence: number; readonly reason: string };
  /** Absent when nothing was archived. */
  readonly archived?: ArchivedChanges;
  /** Absent when every token is as its newest record describes it. */
  readonly alteredTokens?: readonly AlteredToken[];
}

/**
 * The record of every change. Rows are only ever added; each carries the hash of the previous one.
 *
 * Every method throws ConntrackError `JOURNAL_UNAVAILABLE` where the database cannot be used.
 */
export abstract class Journal {
  /**
   * Fails where the next `open` would fail as far as can be known without writing: a full disk, a read-only data directory, a recent failure.
   * From memory, refreshed every second.
   */
  abstract requireWritable(): void;

  /** The same for this intent and its outcome, checked now; a recent failure does not count, because `open` would try again. */
  abstract requireRoomFor(intent: Intent): void;

  /** Fails where the next `open` would fail because another process locks the database. See `retryWhileLocked`. */
  abstract requireUnlocked(): void;

  /** Durable (synced to disk) when it returns. Ids count up from 1 without gaps. */
  abstract open(intent: Intent): number;

  /** The id that the next `open` returns, unless another change is opened before. */
  abstract nextId(): number;

  /** Durable when it returns. A change is closed once. */
  abstract close(id: number, outcome: Outcome): ClosedChange;

  /** @throws ConntrackError `CHANGE_NOT_FOUND`; `ARCHIVED` naming the file */
  abstract get(id: number): Change;

  /** Newest first, with ids below `before`; deletions without their entries. */
  abstract list(query: ChangeQuery, limit: number, before?: number): readonly Change[];

  /** Changes that were opened and not closed. Oldest first. */
  abstract pending(): readonly Change[];

  /**
   * Changes with a confirmation window that took effect and are not confirmed, reverted or rolled back by a later change that took effect,
   * whether or not later changes took over their settings (see `Confirmations`). Oldest first. An extended window is that of its latest extension.
   */
  abstract awaitingConfirmation(): readonly ClosedChange[];

  /** The latest change with this token and idempotency key that started at `since` or later. */
  abstract findByKey(tokenId: string, key: string, since: Date): Change | undefined;

  /** The changes after `id`, oldest first; deletions without their entries. @param limit default: all */
  abstract after(id: number, limit?: number): readonly Change[];

  /** The first `limit` changes after `id`, oldest first. */
  abstract ends(id: number, limit: number): readonly ChangeEnd[];

  /** The configuration of the capacity guard that is in effect; `undefined` before the first. */
  abstract guard(): GuardRecord | undefined;

  /** Durable when it returns. */
  abstract configureGuard(config: GuardConfig, by: Administrator, at: Date): GuardRecord;

  /** The desired state that is in effect; `undefined` before the first. */
  abstract desired(): DesiredRecord | undefined;

  /** Durable when it returns. */
  abstract configureDesired(state: DesiredState, by: Administrator, at: Date): DesiredRecord;

  /** Sequence and hash of the newest record, `0` and 64 zeros before the first. */
  abstract head(): JournalHead;

  /** The changes that were moved to a file, if any. The newest of each setting stay in the database; others may be there, too. */
  abstract archived(): ArchivedChanges | undefined;

  /** Recomputes the whole chain in the database and compares the tokens with it, yielding to the event loop between pages. @throws ConntrackError `ARCHIVED` if the anchor is in an archive */
  abstract verify(anchor?: JournalHead): Promise<JournalVerification>;

  /**
   * The records after `after`; by default, after the archive.
   *
   * @throws ConntrackError `RECORD_NOT_FOUND` if `after` is not a record of this journal; `ARCHIVED` if a record after it is archived
   */
  abstract records(after?: JournalStart): JournalRecords;

  /** The latest change after `after` that altered (or may have altered) the setting ({@link subjectIn}) or file `subject`. */
  abstract lastToAlter(subject: string, after: number): number | undefined;
}
