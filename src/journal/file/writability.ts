import { accessSync, constants } from 'node:fs';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Database } from './database.ts';
import { requireFreeSpace } from './free-space.ts';
import { journalUnavailable } from './journal-error.ts';

/** Concurrent probes share one check. */
const CHECK_MILLISECONDS = 1_000;
/** A failed write counts for this long, unless a later one succeeds. It then counts as repaired, because only a change would try again. */
const FAILURE_MILLISECONDS = 5_000;

/** Whether the database would accept a change, without writing to it. */
export class Writability {
  private checked: { readonly at: number; readonly problem: ConntrackError | undefined } | undefined;
  private failed: { readonly at: number; readonly problem: ConntrackError } | undefined;

  private readonly database: Database;
  private readonly free: (directory: string) => number;
  private readonly now: () => number;

  /** @param now milliseconds on a clock that never jumps */
  constructor(database: Database, free: (directory: string) => number, now = (): number => performance.now()) {
    this.database = database;
    this.free = free;
    this.now = now;
  }

  succeeded(): void {
    this.failed = undefined;
  }

  failedWith(error: unknown): void {
    if (error instanceof ConntrackError) this.failed = { at: this.now(), problem: error };
  }

  /** @throws ConntrackError `JOURNAL_UNAVAILABLE` with the path, the errno and the remedy */
  require(): void {
    const now = this.now();
    if (!this.checked || now - this.checked.at >= CHECK_MILLISECONDS) this.checked = { at: now, problem: this.check() };
    const remembered = this.failed && now - this.failed.at < FAILURE_MILLISECONDS ? this.failed.problem : undefined;
    const problem = this.checked.problem ?? remembered;
    if (problem) throw problem;
  }

  /** Checks now, whatever is remembered. @throws as `require` */
  requireAccess(): void {
    const problem = this.check();
    if (problem) throw problem;
  }

  /** Opens nothing: closing a descriptor of the database would drop the locks that SQLite holds on it. */
  private check(): ConntrackError | undefined {
    const { directory, path } = this.database;
    try {
      for (const place of [directory, path]) requireWritable(place);
      requireFreeSpace(directory, 0, this.free(directory));
      return undefined;
    } catch (error) {
      return journalUnavailable(path, error);
    }
  }
}

/** A read-only file system refuses root too. */
function requireWritable(place: string): void {
  try {
    accessSync(place, constants.W_OK);
  } catch (error) {
    throw journalUnavailable(place, error);
  }
}
