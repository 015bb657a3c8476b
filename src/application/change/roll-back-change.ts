import { Injectable } from '@nestjs/common';
import type { ChangePlan } from '../../domain/change-plan.ts';
import { tookEffect, type Change, type ClosedChange } from '../../domain/change.ts';
import { archivedError } from '../../domain/archived-error.ts';
import { ConntrackError, type Conflict } from '../../domain/conntrack-error.ts';
import { lostEditsRisk } from '../../domain/risks/next-boot-risks.ts';
import { planRollback } from '../../domain/rollback-plan.ts';
import { isSameNamespace, subjectIn, type NamespaceRef } from '../../domain/namespace.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeHost } from './change-host.ts';
import type { ChangeTarget } from './change-target.ts';
import { PLAIN_TERMS, type ChangeTerms } from './change-terms.ts';
import { changesOf } from './changes-of.ts';
import { Confirmations } from './confirmations.ts';
import { ObserveHost } from './observe-host.ts';
import type { WantedChange } from './plan-change.ts';
import { RollBackUpdate } from './roll-back-update.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { Journal } from '../ports/journal.ts';

export interface RollbackRequest {
  /** `change`: roll back this change. `to`: roll back all changes after it. */
  readonly what: 'change' | 'to';
  readonly id: number;
  /** `to`: name of the network namespace whose changes are rolled back; absent: that of the service. */
  readonly namespace?: string;
  /** Overwrite later changes, also those of other writers. */
  readonly force: boolean;
  readonly reason: string | null;
}

/**
 * Restores what changes altered, live and in the boot files. A rollback is itself a recorded change. It undoes a change together with its
 * confirmation, and ends its confirmation window.
 */
@Injectable()
export class RollBackChange {
  constructor(
    private readonly host: ChangeHost,
    private readonly observe: ObserveHost,
    private readonly bootFiles: BootFiles,
    private readonly journal: Journal,
    private readonly confirmations: Confirmations,
    private readonly updates: RollBackUpdate,
  ) {}

  /** @throws ConntrackError `CHANGE_NOT_FOUND`, `ARCHIVED`, `NOTHING_TO_ROLL_BACK`; `STATE_CHANGED`, `AWAITING_CONFIRMATION` naming the later changes. */
  async run(caller: Caller, request: RollbackRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ClosedChange> {
    if (this.isUpdate(request)) return this.updates.run(caller, request, terms);
    const target = this.targetOf(request);
    return this.host.perform(caller, terms, (live) => this.decide(live, request), target);
  }

  /** The plan with its risks. Writes and records nothing. */
  async preview(request: RollbackRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ChangePlan> {
    if (this.isUpdate(request)) return this.updates.preview(request, terms);
    const target = this.targetOf(request);
    return this.host.preview(terms, (live) => this.decide(live, request), target);
  }

  /** Whether it is the rollback of an update of entries. @throws ConntrackError `CHANGE_NOT_FOUND` */
  isUpdate({ what, id }: RollbackRequest): boolean {
    return what === 'change' && this.journal.get(id).update !== undefined;
  }

  /** @throws ConntrackError `CHANGE_NOT_FOUND` */
  private targetOf({ what, id, namespace }: RollbackRequest): ChangeTarget {
    const change = this.journal.get(id);
    return what === 'change' ? change.namespace : namespace;
  }

  private async decide({ namespace }: LiveSettings, { what, id, force, reason }: RollbackRequest): Promise<WantedChange> {
    const changes =
      what === 'change'
        ? this.unitOf(id)
        : this.journal
            .after(id)
            .filter((change) => isSameNamespace(change.namespace, namespace))
            .map(requireClosed);
    const now = await this.observe.run(
      changes.flatMap(({ settings }) => settings.map(({ name }) => name)),
      unique(changes.flatMap(({ files }) => files.map(({ path }) => path))),
      namespace,
    );
    this.requireNotArchived([id, ...changes.map((change) => change.id)]);
    const undone = new Set(changes.map((change) => change.id));
    const { settings: pending } = this.confirmations.current();
    const { settings, files, conflicts, edits } = planRollback(changes, {
      now,
      // A change in a network namespace has no files.
      laterThan: (subject, after) => changesAfter(this.journal, subjectIn(namespace, subject), after),
      isShared: (path) => this.bootFiles.isShared(path),
      pendingUnder: (name) => without(undone, pending.get(subjectIn(namespace, name))?.under),
    });
    if (Object.keys(settings).length + files.length === 0) throw nothingToRollBack(what, id, changes);
    if (conflicts.length > 0 && !force)
      throw this.changedSince((what === 'change' ? changes[0] : changes.at(-1))?.id ?? id, conflicts, namespace);
    const target =
      what === 'change'
        ? ({ kind: 'rollback', rollbackOf: changes[0]?.id ?? id, relatesTo: null } as const)
        : ({ kind: 'rollback-to', rollbackOf: null, relatesTo: id } as const);
    return { ...target, reason, settings, files, persist: null, risks: edits.map(lostEditsRisk) };
  }

  /** A change and its confirmation, which are rolled back together, whichever of the two is named. */
  private unitOf(id: number): readonly ClosedChange[] {
    const named = requireClosed(this.journal.get(id));
    const change = named.kind === 'confirmation' && named.relatesTo !== null ? requireClosed(this.journal.get(named.relatesTo)) : named;
    const endedBy = this.confirmations.windowOf(change)?.endedBy;
    const end = endedBy === undefined ? undefined : this.journal.get(endedBy);
    return end?.kind === 'confirmation' ? [change, requireClosed(end)] : [change];
  }

  /** What was changed after an archived change is not known any more. */
  private requireNotArchived(ids: readonly number[]): void {
    const archived = this.journal.archived();
    const first = Math.min(...ids);
    if (archived && first <= archived.change) throw archivedError(`Change ${first}`, archived, { changeId: first });
  }

  private changedSince(id: number, conflicts: readonly Conflict[], namespace: NamespaceRef | undefined): ConntrackError {
    const { settings } = this.confirmations.current();
    const isPending = ({ subject, changedBy }: Conflict): boolean =>
      changedBy !== undefined && settings.get(subjectIn(namespace, subject))?.under === changedBy;
    const sentences = conflicts.map((conflict) => {
      const { subject, changedBy } = conflict;
      if (isPending(conflict)) return `${subject} is awaiting the confirmation of change ${changedBy ?? ''}.`;
      const writer = changedBy === undefined ? 'a writer outside this service' : `change ${changedBy}`;
      return `${subject} was changed after change ${id} (by ${writer}).`;
    });
    return new ConntrackError(conflicts.some(isPending) ? 'AWAITING_CONFIRMATION' : 'STATE_CHANGED', sentences.join(' '), {
      conflicts,
      changeId: id,
      remedy: 'Roll back the later change first, or repeat with "force": true to overwrite it.',
    });
  }
}

/** Oldest first; only changes that took effect. */
function changesAfter(journal: Journal, subject: string, id: number): readonly ClosedChange[] {
  const found: ClosedChange[] = [];
  for (const change of changesOf(journal, subject)) {
    if (change.id <= id) break;
    if (tookEffect(change)) found.push(change);
  }
  return found.reverse();
}

function without(ids: ReadonlySet<number>, id: number | undefined): number | undefined {
  return id !== undefined && ids.has(id) ? undefined : id;
}

function nothingToRollBack(what: RollbackRequest['what'], id: number, changes: readonly ClosedChange[]): ConntrackError {
  const lost = changes.some(({ kind, outcome }) => kind === 'deletion' && outcome !== 'failed' && outcome !== 'recovered-unchanged');
  const updated = changes.some(({ update }) => update) ? '; updates of entries are rolled back one by one, by their ids' : '';
  const messages = {
    change: lost
      ? `Change ${id} is a deletion. Deleted entries cannot be restored.`
      : `Change ${id} altered nothing that is still in effect.`,
    to: `No change after change ${id} is left to roll back${lost ? '; deleted entries cannot be restored' : ''}${updated}.`,
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
