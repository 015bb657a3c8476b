import { Injectable } from '@nestjs/common';
import type { Failure, Intent, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { targetsOf, toUpdatedEntries, type EntryUpdateRequest, type UpdatedEntries } from '../../domain/entry-update.ts';
import { toFailure } from '../../domain/to-failure.ts';
import { Clock } from '../ports/clock.ts';
import { KernelEntries, exactScope } from '../ports/kernel.ts';

/** Updates the entries that a durable intent names. To be called in an open turn at the gate only. */
@Injectable()
export class ApplyUpdate {
  constructor(
    private readonly entries: KernelEntries,
    private readonly clock: Clock,
  ) {}

  /** Never throws: whatever happens is an outcome to be recorded. */
  async run(request: EntryUpdateRequest, namespace: Intent['namespace']): Promise<Outcome> {
    const ended = await this.entries.update(targetsOf(request), exactScope(namespace)).then(
      (results) => {
        const updated = toUpdatedEntries(results);
        return { ...verdictOf(request, updated), updated };
      },
      (error: unknown) => ({
        outcome: error instanceof ConntrackError ? ('failed' as const) : ('diverged' as const),
        failure: toFailure(error),
      }),
    );
    return { ...ended, completedAt: this.clock.now(), observed: { settings: {}, files: {} } };
  }
}

type Verdict = { readonly outcome: 'applied' } | { readonly outcome: 'failed' | 'diverged'; readonly failure: Failure };

function verdictOf({ what, selected }: EntryUpdateRequest, { counts, entries = [] }: UpdatedEntries): Verdict {
  if (what === 'entry' && counts.gone === selected) {
    return { outcome: 'failed', failure: { code: 'ENTRY_NOT_FOUND', message: 'The entry was gone before it could be updated.' } };
  }
  const failed = counts.refused + counts['not-effective'];
  if (failed === 0) return { outcome: 'applied' };
  const { errno, message } = entries.find(({ failure }) => failure)?.failure ?? { message: 'no reason given' };
  const failure: Failure = {
    code: counts.refused > 0 ? 'KERNEL_REFUSED' : 'WRITE_NOT_EFFECTIVE',
    message: `${failed} of ${selected} entries could not be updated; the first: ${message}.`,
    ...(errno !== undefined && { errno }),
  };
  return { outcome: counts.updated + counts.unchanged + counts['not-effective'] === 0 ? 'failed' : 'diverged', failure };
}
