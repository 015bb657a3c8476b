import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency, Intent } from '../../domain/change.ts';
import type { EntryUpdateRequest } from '../../domain/entry-update.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ApplyUpdate } from './apply-update.ts';
import { ChangeGate } from './change-gate.ts';
import { serviceCaller } from './change-terms.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';

/** An update of entries, decided on the table as it is. */
export interface WantedUpdate {
  readonly request: EntryUpdateRequest;
  /** Of the network namespace whose entries are updated. */
  readonly live: LiveSettings;
  readonly reason: string | null;
  readonly rollbackOf: number | null;
}

/** Updates entries, as one recorded change. */
@Injectable()
export class ChangeEntries {
  constructor(
    private readonly gate: ChangeGate,
    private readonly applyUpdate: ApplyUpdate,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns the closed change, whatever its outcome; for a repeated idempotency key the change that the first request made.
   *
   * @param decide throws to refuse: nothing has been written or recorded then
   * @throws as `ChangeGate.enter`, `ChangeTurn.open` and `decide`
   */
  async perform(caller: Caller, idempotency: Idempotency | null, decide: () => Promise<WantedUpdate>): Promise<ClosedChange> {
    using turn = await this.gate.enter(caller, idempotency);
    if (turn.replayed) return turn.replayed;

    const wanted = await decide();
    const intent = this.toIntent(caller, wanted, idempotency);
    this.journal.requireRoomFor(intent);
    await turn.open(intent);
    const outcome = await this.applyUpdate.run(wanted.request, intent.namespace);
    return await turn.close(outcome);
  }

  /** What `perform` would record. Writes and records nothing. @throws whatever `perform` would refuse */
  async preview(decide: () => Promise<WantedUpdate>): Promise<EntryUpdateRequest> {
    this.gate.requireReady();
    const wanted = await decide();
    this.journal.requireRoomFor(this.toIntent(serviceCaller('dry-run'), wanted, null));
    return wanted.request;
  }

  private toIntent(caller: Caller, { request, live, reason, rollbackOf }: WantedUpdate, idempotency: Idempotency | null): Intent {
    return {
      kind: rollbackOf === null ? 'entry-update' : 'rollback',
      startedAt: this.clock.now(),
      bootId: live.bootId ?? null,
      actor: caller.actor,
      requestId: caller.requestId,
      ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
      reason,
      rollbackOf,
      relatesTo: null,
      confirm: null,
      idempotency,
      acknowledged: [],
      ...(live.namespace && { namespace: live.namespace }),
      settings: [],
      files: [],
      update: request,
    };
  }
}
