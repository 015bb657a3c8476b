import { Injectable } from '@nestjs/common';
import type { Change, ClosedChange } from '../domain/change.ts';
import { ConntrackError, type Conflict } from '../domain/conntrack-error.ts';
import { planRollback } from '../domain/rollback-plan.ts';
import type { Caller } from '../domain/token.ts';
import { ChangeHost, type PlannedChange } from './change-host.ts';
import { ObserveHost } from './observe-host.ts';
import { Journal } from './ports/journal.ts';

export interface RollbackRequest {
  /** Overwrite what others have done since. */
  readonly force: boolean;
  readonly reason: string | null;
}

/** Restores what a change altered, live and in the boot files, through the same door as any other change. */
@Injectable()
export class RollBackChange {
  constructor(
    private readonly host: ChangeHost,
    private readonly observe: ObserveHost,
    private readonly journal: Journal,
  ) {}

  /** @throws ConntrackError `CHANGE_NOT_FOUND`, `NOTHING_TO_ROLL_BACK`, `STATE_MOVED` naming what moved it. */
  async run(caller: Caller, id: number, request: RollbackRequest): Promise<ClosedChange> {
    this.journal.get(id);
    return this.host.perform(caller, () => this.plan(id, request));
  }

  private async plan(id: number, { force, reason }: RollbackRequest): Promise<PlannedChange> {
    const change = requireClosed(this.journal.get(id));
    const now = await this.observe.see(
      change.settings.map(({ name }) => name),
      change.files.map(({ path }) => path),
    );
    const { settings, files, conflicts } = planRollback(change, now);
    if (Object.keys(settings).length + files.length === 0) {
      throw new ConntrackError('NOTHING_TO_ROLL_BACK', `Change ${id} (${change.outcome}) left the host as it was before.`);
    }
    if (conflicts.length > 0 && !force) throw this.moved(id, conflicts);
    return { kind: 'rollback', reason, rollsBack: id, settings, files };
  }

  private moved(id: number, conflicts: readonly Conflict[]): ConntrackError {
    const named = conflicts.map((conflict): Conflict => {
      const movedBy = this.journal.lastToAlter(conflict.subject, id);
      return movedBy === undefined ? conflict : { ...conflict, movedBy };
    });
    const culprits = named.map(
      ({ subject, movedBy }) => `${subject} (${movedBy === undefined ? 'somebody outside this service' : `change ${movedBy}`})`,
    );
    return new ConntrackError('STATE_MOVED', `Since change ${id}, other hands have moved ${culprits.join(', ')}.`, {
      conflicts: named,
      changeId: id,
      remedy: 'Roll back the later change first, or repeat with "force": true to overwrite it.',
    });
  }
}

function requireClosed(change: Change): ClosedChange {
  if (change.outcome === 'pending') {
    throw new ConntrackError('NOTHING_TO_ROLL_BACK', `Change ${change.id} is still open.`, { changeId: change.id });
  }
  return change;
}
