import { Injectable } from '@nestjs/common';
import type { Failure, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { KEPT_ENTRIES_MAX, type DeletedEntries, type Deletion, type EndOptions } from '../../domain/deletion.ts';
import { toFailure } from '../../domain/to-failure.ts';
import { Clock } from '../ports/clock.ts';
import { KernelEntries, type EntriesToDelete, type EntryScope } from '../ports/kernel.ts';

/** Deletes the entries that a durable intent names. To be called in an open turn at the gate only. */
@Injectable()
export class ApplyDeletion {
  constructor(
    private readonly entries: KernelEntries,
    private readonly clock: Clock,
  ) {}

  /** Never throws: whatever happens is an outcome to be recorded. */
  async run(what: EntriesToDelete, scope: EntryScope, end?: EndOptions): Promise<Outcome> {
    const result = await this.entries.delete(what, KEPT_ENTRIES_MAX, scope, end).then(
      (deletion) => ({ ...verdictOf(what, deletion), deleted: toDeletedEntries(deletion) }),
      (error: unknown) => verdictOfError(error),
    );
    return { ...result, completedAt: this.clock.now(), observed: { settings: {}, files: {} } };
  }
}

type Verdict = { readonly outcome: 'applied' } | { readonly outcome: 'failed' | 'diverged'; readonly failure: Failure };

function verdictOf({ kind }: EntriesToDelete, { deleted, failure, ended }: Deletion): Verdict {
  if (failure) return { outcome: deleted === 0 ? 'failed' : 'diverged', failure: refusal(deleted, failure) };
  if (kind === 'entry' && ended && ended.skipped > 0) {
    const message = 'Connections of a zone, and of protocols without ports, cannot be ended: their packets cannot be recognised.';
    return { outcome: 'failed', failure: { code: 'NOT_SUPPORTED_HERE', message } };
  }
  if (kind === 'entry' && deleted === 0) {
    return { outcome: 'failed', failure: { code: 'ENTRY_NOT_FOUND', message: 'The entry was gone before it could be deleted.' } };
  }
  return { outcome: 'applied' };
}

function refusal(deleted: number, { code, message }: NonNullable<Deletion['failure']>): Failure {
  return { code: 'KERNEL_REFUSED', message: `The deletion stopped after ${deleted} entries: ${message}.`, errno: code };
}

/** With a ConntrackError nothing was deleted. With any other error, it is unknown how many entries were. */
function verdictOfError(error: unknown): Verdict {
  return { outcome: error instanceof ConntrackError ? 'failed' : 'diverged', failure: toFailure(error) };
}

function toDeletedEntries({ deleted, gone, entries, ended }: Deletion): DeletedEntries {
  return { count: deleted, gone, entries, ...(ended && { ended }) };
}
