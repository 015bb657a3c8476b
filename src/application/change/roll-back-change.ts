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
  /** `change`: roll back this change. `to`: roll back all changes after it. */
  readonly what: 'change' | 'to';
  readonly id: number;
  /** Overwrite later changes, whoever made them. */
  readonly force: boolean;
  readonly reason: string | null;
}

/** Restores what changes altered, live and in the boot files. A rollback is itself a recorded change. */
@Injectable()
export class RollBackChange {
  constructor(
    private readonly host: ChangeHost,
    private readonly observe: ObserveHost,
    private readonly journal: Journal,
  ) {}

  /** @throws ConntrackError `CHANGE_NOT_FOUND`, `NOTHING_TO_ROLL_BACK`, `STATE_CHANGED` naming the later changes. */
  async run(caller: Caller, request: RollbackRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ClosedChange> {
    this.journal.get(request.id);
    return this.host.perform(caller, terms, () => this.decide(request));
  }

  /** The plan with its risks. Writes and records nothing. */
  async preview(request: RollbackRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ChangePlan> {
    this.journal.get(request.id);
    return this.host.preview(terms, () => this.decide(request));
  }

  private async decide({ what, id, force, reason }: RollbackRequest): Promise<WantedChange> {
    const changes = (what === 'change' ? [this.journal.get(id)] : this.journal.after(id)).map(requireClosed);
    const now = await this.observe.run(
      changes.flatMap(({ settings }) => settings.map(({ name }) => name)),
      unique(changes.flatMap(({ files }) => files.map(({ path }) => path))),
    );
    const { settings, files, conflicts } = planRollback(changes, now);
    if (Object.keys(settings).length + files.length === 0) throw nothingToRollBack(what, id, changes);
    if (conflicts.length > 0 && !force) throw this.changedSince(changes.at(-1)?.id ?? id, conflicts);
    const target =
      what === 'change' ? { kind: 'rollback', rollbackOf: id, relatesTo: null } : { kind: 'rollback-to', rollbackOf: null, relatesTo: id };
    return { ...(target as Pick<WantedChange, 'kind' | 'rollbackOf' | 'relatesTo'>), reason, settings, files, persist: null };
  }

  private changedSince(id: number, conflicts: readonly Conflict[]): ConntrackError {
    const named = conflicts.map((conflict): Conflict => {
      const changedBy = this.journal.lastToAlter(conflict.subject, id);
      return changedBy === undefined ? conflict : { ...conflict, changedBy };
    });
    const sentences = named.map(({ subject, changedBy }) => {
      const writer = changedBy === undefined ? 'a writer outside this service' : `change ${changedBy}`;
      return `${subject} was changed after change ${id} (by ${writer}).`;
    });
    return new ConntrackError('STATE_CHANGED', sentences.join(' '), {
      conflicts: named,
      changeId: id,
      remedy: 'Roll back the later change first, or repeat with "force": true to overwrite it.',
    });
  }
}

function nothingToRollBack(what: RollbackRequest['what'], id: number, changes: readonly ClosedChange[]): ConntrackError {
  const lost = changes.some(({ kind, outcome }) => kind === 'deletion' && outcome !== 'failed' && outcome !== 'recovered-unchanged');
  const messages = {
    change: lost
      ? `Change ${id} is a deletion. Deleted entries cannot be restored.`
      : `Change ${id} altered nothing that is still in effect.`,
    to: `No change after change ${id} is left to roll back${lost ? '; deleted entries cannot be restored' : ''}.`,
  };
  return new ConntrackError('NOTHING_TO_ROLL_BACK', messages[what], { changeId: id });
}

function requireClosed(change: Change): ClosedChange {
  if (change.outcome === 'pending') {
    throw new ConntrackError('NOTHING_TO_ROLL_BACK', `Change ${change.id} has no outcome yet.`, { changeId: change.id });
  }
  return change;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
