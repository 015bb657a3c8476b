import { Injectable } from '@nestjs/common';
import type { Change, Failure, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { DeletionRequest } from '../../domain/deletion.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { Clock } from '../ports/clock.ts';
import { exactScope, KernelBlocks, KernelEntries, scopeOf, type EntryScope } from '../ports/kernel.ts';

const GONE: readonly ErrorCode[] = ['ENTRY_NOT_FOUND', 'ENTRY_REPLACED'];
/** These pass: the entry can be looked up later. */
const RETRY_LATER: readonly ErrorCode[] = ['CONNTRACK_NOT_LOADED', 'TOO_MANY_DUMPS'];

const UNKNOWN: Failure = {
  code: 'OUTCOME_UNRECORDED',
  message: 'The service ended during the deletion: none, some or all of the entries were deleted. Which ones is not known.',
};

const BLOCKED: Failure = {
  code: 'OUTCOME_UNRECORDED',
  message: 'The service ended after it had blocked the packets of the connection. Its entry was not deleted.',
};

type Finding =
  { readonly outcome: 'recovered-unchanged' | 'recovered-applied' } | { readonly outcome: 'diverged'; readonly failure: Failure };

/** Determines how far a deletion came that a process opened and never closed. */
@Injectable()
export class SettleDeletion {
  constructor(
    private readonly entries: KernelEntries,
    private readonly blocks: KernelBlocks,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError where it cannot be determined now, but may be later */
  async run({ id, namespace }: Change, { entry, namespace: name, startedAt, blockSeconds }: DeletionRequest): Promise<Outcome> {
    // Records of early builds have the name only.
    const scope = namespace ? exactScope(namespace) : scopeOf(name);
    const found: Finding = entry === null ? { outcome: 'diverged', failure: UNKNOWN } : await this.find(entry, scope, startedAt);
    const isBlocked = blockSeconds !== undefined && found.outcome === 'recovered-unchanged' && (await this.isBlocked(id));
    const finding: Finding = isBlocked ? { outcome: 'diverged', failure: BLOCKED } : found;
    return { ...finding, completedAt: this.clock.now(), observed: { settings: {}, files: {} } };
  }

  /** Packets are blocked before the entry is deleted. */
  private async isBlocked(change: number): Promise<boolean> {
    // Where blocks cannot be listed, there are none.
    const blocks = await this.blocks.read(0).catch(() => []);
    return blocks.some((block) => block.change === change);
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
