import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { BlockList } from '../../domain/deletion.ts';
import { toFailure } from '../../domain/to-failure.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeGate } from './change-gate.ts';
import { WriteLock } from './write-lock.ts';
import { Clock } from '../ports/clock.ts';
import { KernelBlocks, KernelSettings } from '../ports/kernel.ts';

/** Of each change, in a list of blocks. */
export const LISTED_CONNECTIONS_MAX = 100;

/** Lists and removes the blocks of ended connections. */
@Injectable()
export class ManageBlocks {
  /** Until the first check: those of a service that was killed. */
  private mayExist = true;

  constructor(
    private readonly gate: ChangeGate,
    private readonly writeLock: WriteLock,
    private readonly blocks: KernelBlocks,
    private readonly settings: KernelSettings,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError `NOT_SUPPORTED_HERE` */
  list(): Promise<BlockList> {
    return this.blocks.read(LISTED_CONNECTIONS_MAX);
  }

  /** @throws ConntrackError `NOT_SUPPORTED_HERE` with the reason, if connections cannot be ended here */
  async requireUsable(): Promise<void> {
    await this.blocks.read(0);
  }

  /** To be called before connections are ended. */
  expect(): void {
    this.mayExist = true;
  }

  /** @throws ConntrackError `BLOCK_NOT_FOUND`, `NOT_SUPPORTED_HERE`; as `ChangeGate.enter` */
  async remove(caller: Caller, change: number, reason: string | null, idempotency: Idempotency | null): Promise<ClosedChange> {
    using turn = await this.gate.enter(caller, idempotency);
    if (turn.replayed) return turn.replayed;
    const blocks = await this.blocks.read(0);
    if (!blocks.some((block) => block.change === change))
      throw new ConntrackError('BLOCK_NOT_FOUND', `Change ${change} blocks no packets.`);
    const { bootId } = await this.settings.readIfLoaded();
    await turn.open({
      kind: 'unblock',
      startedAt: this.clock.now(),
      bootId: bootId ?? null,
      actor: caller.actor,
      requestId: caller.requestId,
      ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
      reason,
      rollbackOf: null,
      relatesTo: change,
      confirm: null,
      idempotency,
      acknowledged: [],
      settings: [],
      files: [],
    });
    return await turn.close(await this.apply(change));
  }

  /** Removes the table when the last block has expired. Costs nothing while there are none. */
  async tidy(): Promise<void> {
    if (!this.mayExist) return;
    // Otherwise the table of a running change could be removed.
    using _lock = await this.writeLock.acquire();
    this.mayExist = await this.blocks.tidy().catch(ignoreUnsupported);
  }

  /** At the end of the service. */
  async clear(): Promise<void> {
    if (this.mayExist) await this.blocks.clear().catch(ignoreUnsupported);
  }

  private async apply(change: number): Promise<Outcome> {
    const observed = { settings: {}, files: {} };
    try {
      await this.blocks.remove(change);
      return { outcome: 'applied', completedAt: this.clock.now(), observed };
    } catch (error) {
      return { outcome: 'failed', failure: toFailure(error), completedAt: this.clock.now(), observed };
    }
  }
}

/** Where packets cannot be blocked, none are. */
function ignoreUnsupported(error: unknown): false {
  if (error instanceof ConntrackError && error.code === 'NOT_SUPPORTED_HERE') return false;
  throw error;
}
