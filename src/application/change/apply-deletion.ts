import { Injectable } from '@nestjs/common';
import type { Failure, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { KEPT_ENTRIES_MAX, type DeletedEntries, type Deletion } from '../../domain/deletion.ts';
import { toFailure } from './apply-change.ts';
import { scopeIn } from './deletion-scope.ts';
import { Clock } from '../ports/clock.ts';
import { KernelEntries, type EntriesToDelete } from '../ports/kernel.ts';

/** Deletes entries as a durable intent says, and tells what was deleted. To be called in the writer lane only. */
@Injectable()
export class ApplyDeletion {
  constructor(
    private readonly entries: KernelEntries,
    private readonly clock: Clock,
  ) {}

  /** Never throws: whatever happens is an outcome to be recorded. */
  async run(what: EntriesToDelete, namespace: string | null): Promise<Outcome> {
    const judged = await this.entries.delete(what, KEPT_ENTRIES_MAX, scopeIn(namespace)).then(
      (deletion) => ({ ...judge(what, deletion), deleted: recorded(deletion) }),
      (error: unknown) => judgeError(error),
    );
    return { ...judged, completedAt: this.clock.now(), observed: { settings: {}, files: {} } };
  }
}

type Verdict = { readonly outcome: 'applied' } | { readonly outcome: 'failed' | 'diverged'; readonly failure: Failure };

function judge({ kind }: EntriesToDelete, { deleted, failure }: Deletion): Verdict {
  if (failure) return { outcome: deleted === 0 ? 'failed' : 'diverged', failure: refusal(deleted, failure) };
  if (kind === 'entry' && deleted === 0) {
    return { outcome: 'failed', failure: { code: 'ENTRY_NOT_FOUND', message: 'The entry was gone when its turn came.' } };
  }
  return { outcome: 'applied' };
}

function refusal(deleted: number, { code, message }: NonNullable<Deletion['failure']>): Failure {
  return { code: 'KERNEL_REFUSED', message: `Deleting broke off after ${deleted} entries: ${message}.`, errno: code };
}

/** What is refused in so many words has deleted nothing; of a fault nobody knows how far it came. */
function judgeError(error: unknown): Verdict {
  return { outcome: error instanceof ConntrackError ? 'failed' : 'diverged', failure: toFailure(error) };
}

function recorded({ deleted, gone, entries }: Deletion): DeletedEntries {
  return { count: deleted, gone, entries };
}
