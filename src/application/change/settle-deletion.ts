import { Injectable } from '@nestjs/common';
import type { Failure, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { DeletionRequest } from '../../domain/deletion.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import { Clock } from '../ports/clock.ts';
import { exactScope, KernelEntries, scopeOf, type EntryScope } from '../ports/kernel.ts';

const GONE: readonly ErrorCode[] = ['ENTRY_NOT_FOUND', 'ENTRY_REPLACED'];
/** These pass: the entry can be looked up later. */
const RETRY_LATER: readonly ErrorCode[] = ['CONNTRACK_NOT_LOADED', 'TOO_MANY_DUMPS'];

const UNKNOWN: Failure = {
  code: 'OUTCOME_UNRECORDED',
  message: 'The service ended during the deletion: none, some or all of the entries were deleted. Which ones is not known.',
};

type Finding =
  { readonly outcome: 'recovered-unchanged' | 'recovered-applied' } | { readonly outcome: 'diverged'; readonly failure: Failure };

/** Determines how far a deletion came that a process opened and never closed. */
@Injectable()
export class SettleDeletion {
  constructor(
    private readonly entries: KernelEntries,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError where it cannot be determined now, but may be later */
  async run({ entry, namespace: name, startedAt }: DeletionRequest, namespace: NamespaceRef | undefined): Promise<Outcome> {
    // Records of early builds have the name only.
    const scope = namespace ? exactScope(namespace) : scopeOf(name);
    const finding: Finding = entry === null ? { outcome: 'diverged', failure: UNKNOWN } : await this.find(entry, scope, startedAt);
    return { ...finding, completedAt: this.clock.now(), observed: { settings: {}, files: {} } };
  }

  private async find(id: string, scope: EntryScope, startedAt: string | undefined): Promise<Finding> {
    try {
      await this.entries.find(id, scope, startedAt);
      return { outcome: 'recovered-unchanged' };
    } catch (error) {
      const code = error instanceof ConntrackError ? error.code : 'INTERNAL';
      if (RETRY_LATER.includes(code)) throw error;
      if (GONE.includes(code)) return { outcome: 'recovered-applied' };
      const reason = error instanceof Error ? error.message : String(error);
      return { outcome: 'diverged', failure: { ...UNKNOWN, message: `${UNKNOWN.message} ${reason}` } };
    }
  }
}
