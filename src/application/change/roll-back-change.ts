import { Injectable } from '@nestjs/common';
import type { ChangePlan } from '../../domain/change-plan.ts';
import type { Change, ClosedChange } from '../../domain/change.ts';
import { ConntrackError, type Conflict } from '../../domain/conntrack-error.ts';
import { planRollback } from '../../domain/rollback-plan.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS, type ChangeTerms } from './change-terms.ts';
import { ObserveHost } from './observe-host.ts';
import type { WantedChange } from './plan-change.ts';
import { Journal } from '../ports/journal.ts';

export interface RollbackRequest {
  /** `change`: undo this one. `to`: undo all that came after it. */
  readonly what: 'change' | 'to';
  readonly id: number;
  /** Overwrite what others have done since. */
  readonly force: boolean;
  readonly reason: string | null;
}

/** Restores what changes altered, live and in the boot files, through the same door as any other change. */
@Injectable()
export class RollBackChange {
  constructor(
    private readonly host: ChangeHost,
    private readonly observe: ObserveHost,
    private readonly journal: Journal,
  ) {}

  /** @throws ConntrackError `CHANGE_NOT_FOUND`, `NOTHING_TO_ROLL_BACK`, `STATE_CHANGED` naming what moved it. */
  async run(caller: Caller, request: RollbackRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ClosedChange> {
    this.journal.get(request.id);
    return this.host.perform(caller, terms, () => this.decide(request));
  }

  /** The plan with its risks; nothing happens and nothing is recorded. */
  async preview(request: RollbackRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ChangePlan> {
    this.journal.get(request.id);
    return this.host.preview(terms, false, () => this.decide(request));
  }

  private async decide({ what, id, force, reason }: RollbackRequest): Promise<WantedChange> {
    const changes = (what === 'change' ? [this.journal.get(id)] : this.journal.after(id)).map(requireClosed);
    const now = await this.observe.see(
      changes.flatMap(({ settings }) => settings.map(({ name }) => name)),
      unique(changes.flatMap(({ files }) => files.map(({ path }) => path))),
    );
    const { settings, files, conflicts } = planRollback(changes, now);
    if (Object.keys(settings).length + files.length === 0) throw nothingToDo(what, id, changes);
    if (conflicts.length > 0 && !force) throw this.moved(changes.at(-1)?.id ?? id, conflicts);
    const target =
      what === 'change' ? { kind: 'rollback', rollbackOf: id, relatesTo: null } : { kind: 'rollback-to', rollbackOf: null, relatesTo: id };
    return { ...(target as Pick<WantedChange, 'kind' | 'rollbackOf' | 'relatesTo'>), reason, settings, files, persist: null };
  }

  private moved(id: number, conflicts: readonly Conflict[]): ConntrackError {
    const named = conflicts.map((conflict): Conflict => {
      const changedBy = this.journal.lastToAlter(conflict.subject, id);
      return changedBy === undefined ? conflict : { ...conflict, changedBy };
    });
    const culprits = named.map(
      ({ subject, changedBy }) => `${subject} (${changedBy === undefined ? 'somebody outside this service' : `change ${changedBy}`})`,
    );
    return new ConntrackError('STATE_CHANGED', `Since change ${id}, other hands have moved ${culprits.join(', ')}.`, {
      conflicts: named,
      changeId: id,
      remedy: 'Roll back the later change first, or repeat with "force": true to overwrite it.',
    });
  }
}

function nothingToDo(what: RollbackRequest['what'], id: number, changes: readonly ClosedChange[]): ConntrackError {
  const lost = changes.some(({ kind, outcome }) => kind === 'deletion' && outcome !== 'failed' && outcome !== 'recovered-unchanged');
  const messages = {
    change: lost
      ? `Change ${id} is a deletion: what the kernel knew of the flows is gone, and nobody can make it again.`
      : `Change ${id} left the host as it was before.`,
    to: `Nothing that came after change ${id} is left to undo${lost ? '; deleted entries cannot be brought back' : ''}.`,
  };
  return new ConntrackError('NOTHING_TO_ROLL_BACK', messages[what], { changeId: id });
}

function requireClosed(change: Change): ClosedChange {
  if (change.outcome === 'pending') {
    throw new ConntrackError('NOTHING_TO_ROLL_BACK', `Change ${change.id} is still open.`, { changeId: change.id });
  }
  return change;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
