import type { Change, ClosedChange, Intent, Outcome, OutcomeName } from '../../domain/change.ts';
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

/**
 * The record of every change: rows are only ever added, each carries the hash of the one before.
 *
 * Every method throws ConntrackError `JOURNAL_UNAVAILABLE` when the database cannot be used.
 */
export abstract class Journal {
  /** Durable (synced to disk) when it returns. Ids count up from 1 without gaps. */
  abstract open(intent: Intent): number;

  /** Durable when it returns. A change is closed once. */
  abstract close(id: number, outcome: Outcome): ClosedChange;

  /** @throws ConntrackError `CHANGE_NOT_FOUND` */
  abstract get(id: number): Change;

  /** Newest first, with ids below `before`. */
  abstract list(query: ChangeQuery, limit: number, before?: number): readonly Change[];

  /** Changes opened and never closed: the process died in the middle. Oldest first. */
  abstract pending(): readonly Change[];

  /** The latest change after `id` that altered (or may have altered) the setting or file named `subject`. */
  abstract lastToAlter(subject: string, after: number): number | undefined;
}
