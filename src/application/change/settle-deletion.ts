import { Injectable } from '@nestjs/common';
import type { Failure, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { DeletionRequest } from '../../domain/deletion.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { scopeIn } from './deletion-scope.ts';
import { Clock } from '../ports/clock.ts';
import { KernelEntries } from '../ports/kernel.ts';

const GONE: readonly ErrorCode[] = ['ENTRY_NOT_FOUND', 'ENTRY_REPLACED'];
/** What passes: the entry can be looked at later. */
const NOT_YET: readonly ErrorCode[] = ['CONNTRACK_NOT_LOADED', 'TOO_MANY_DUMPS'];

const UNKNOWN: Failure = {
  code: 'OUTCOME_UNRECORDED',
  message: 'The service ended in the middle of it: none, some or all of the entries were deleted, and which cannot be known any more.',
};

/** Says what became of a deletion that a dead process left open, as far as that can be seen. */
@Injectable()
export class SettleDeletion {
  constructor(
    private readonly entries: KernelEntries,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError where it can be seen later */
  async run({ entry, namespace }: DeletionRequest): Promise<Outcome> {
    const seen = entry === null ? ({ outcome: 'diverged', failure: UNKNOWN } as const) : await this.look(entry, namespace);
    return { ...seen, completedAt: this.clock.now(), observed: { settings: {}, files: {} } };
  }

  private async look(id: string, namespace: string | null): Promise<Seen> {
    try {
      await this.entries.find(id, scopeIn(namespace));
      return { outcome: 'recovered-unchanged' };
    } catch (error) {
      const code = error instanceof ConntrackError ? error.code : 'INTERNAL';
      if (NOT_YET.includes(code)) throw error;
      if (GONE.includes(code)) return { outcome: 'recovered-applied' };
      const why = error instanceof Error ? error.message : String(error);
      return { outcome: 'diverged', failure: { ...UNKNOWN, message: `${UNKNOWN.message} ${why}` } };
    }
  }
}

type Seen = { readonly outcome: 'recovered-unchanged' | 'recovered-applied' } | { readonly outcome: 'diverged'; readonly failure: Failure };
