import { Injectable } from '@nestjs/common';
import type { ChangePlan } from '../../domain/change-plan.ts';
import { tookEffect, type ClosedChange } from '../../domain/change.ts';
import { ConntrackError, type Conflict } from '../../domain/conntrack-error.ts';
import { planEntryRollback, type EntryRollback } from '../../domain/entry-rollback.ts';
import {
  SKIP_REASONS,
  stateAfter,
  targetsOf,
  type EntryState,
  type EntryTarget,
  type PlannedEntry,
  type RecordedResult,
} from '../../domain/entry-update.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeEntries, type WantedUpdate } from './change-entries.ts';
import { readTarget } from './change-target.ts';
import type { ChangeTerms } from './change-terms.ts';
import { ObserveHost } from './observe-host.ts';
import { requireExpected } from './require-expected.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelEntries, KernelSettings, exactScope } from '../ports/kernel.ts';

export interface UpdateRollback {
  readonly id: number;
  /** Overwrite marks and labels that were changed since. */
  readonly force: boolean;
  readonly reason: string | null;
}

interface Decision {
  readonly wanted: WantedUpdate;
  readonly entries: readonly EntryRollback[];
}

/**
 * Rolls back an update of entries: as one recorded change, in the entries that still are the same flow and still have the values that it left. Entries
 * end all the time, so the others are left alone and reported instead of refusing the whole.
 */
@Injectable()
export class RollBackUpdate {
  constructor(
    private readonly change: ChangeEntries,
    private readonly settings: KernelSettings,
    private readonly entries: KernelEntries,
    private readonly observe: ObserveHost,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError `STATE_CHANGED`, `NOTHING_TO_ROLL_BACK` if no entry is left to restore; as `ChangeGate.enter` */
  run(caller: Caller, request: UpdateRollback, terms: ChangeTerms): Promise<ClosedChange> {
    return this.change.perform(caller, terms.idempotency, async () => (await this.decide(request, terms)).wanted);
  }

  /** The same checks. Writes and records nothing. */
  async preview(request: UpdateRollback, terms: ChangeTerms): Promise<ChangePlan> {
    let entries: readonly EntryRollback[] = [];
    await this.change.preview(async () => {
      const decision = await this.decide(request, terms);
      entries = decision.entries;
      return decision.wanted;
    });
    return { steps: [], files: [], atNextBoot: {}, risks: [], entries };
  }

  private async decide({ id, force, reason }: UpdateRollback, terms: ChangeTerms): Promise<Decision> {
    const change = this.journal.get(id);
    if (!tookEffect(change)) throw nothing(id, `Change ${id} altered nothing that is still in effect.`);
    const live = await readTarget(this.settings, change.namespace);
    await requireExpected(terms, this.observe, live);
    const entries = await this.plan(change, force);
    const restored = entries.flatMap(({ entry, update }) => (update ? [{ entry, update }] : []));
    if (restored.length === 0) throw nothingLeft(id, change, entries);
    const skipped = entries.flatMap(({ entry, skipped: why }) => (why === undefined ? [] : [{ id: entry.id, reason: why }]));
    const request = {
      ...{ what: 'rollback' as const, update: null, filter: null, expected: null, matched: null, limit: null },
      ...{ selected: restored.length, entries: restored, skipped },
    };
    return { wanted: { request, live, reason, rollbackOf: id }, entries };
  }

  private async plan(
    { namespace, update, updated, startedAt, completedAt }: ClosedChange,
    force: boolean,
  ): Promise<readonly EntryRollback[]> {
    const targets = update ? targetsOf(update) : [];
    const sinceAfter = this.secondsSince(completedAt);
    const found = await this.entries.update(
      targets.map((target) => ({ ...target, update: {} })),
      exactScope(namespace),
    );
    const sinceBefore = this.secondsSince(startedAt);
    return (update?.entries ?? []).map((planned, index) =>
      planEntryRollback(planned, updated ? updated.entries?.[index] : presumed(planned, targets[index]), {
        requested: targets[index]?.update ?? {},
        now: found[index]?.entry,
        sinceBefore,
        sinceAfter,
        force,
      }),
    );
  }

  private secondsSince(time: Date): number {
    return (this.clock.now().getTime() - time.getTime()) / 1_000;
  }
}

/** Where the results are not known, the entries themselves show whether they were updated. */
function presumed({ entry }: PlannedEntry, target: EntryTarget | undefined): RecordedResult {
  return { result: 'updated', after: stateAfter(entry, target?.update ?? {}) };
}

function nothingLeft(id: number, { update, updated }: ClosedChange, entries: readonly EntryRollback[]): ConntrackError {
  const counts = SKIP_REASONS.map((reason) => [reason, entries.filter(({ skipped }) => skipped === reason).length] as const);
  const list = counts.filter(([, count]) => count > 0).map(([reason, count]) => `${count} ${reason}`);
  const message = `None of the ${entries.length} entries of change ${id} can be restored: ${list.join(', ')}.`;
  const conflicts = entries.flatMap(({ entry, skipped }, index): Conflict[] => {
    const after = updated?.entries?.[index]?.after;
    const before = update?.entries?.[index]?.entry;
    if (skipped !== 'changed' || !before) return [];
    // Not the id, which contains addresses that not every client may see.
    return [{ subject: `entries[${index}]`, expected: describe(after ?? stateAfter(before, update.update ?? {})), found: describe(entry) }];
  });
  if (conflicts.length === 0) return nothing(id, message);
  return new ConntrackError('STATE_CHANGED', message, {
    conflicts,
    changeId: id,
    remedy: 'Repeat with "force": true to overwrite the marks and labels that were changed since.',
  });
}

function nothing(id: number, message: string): ConntrackError {
  return new ConntrackError('NOTHING_TO_ROLL_BACK', message, { changeId: id });
}

function describe({ mark = 0, labels = [] }: EntryState): string {
  return `mark ${mark}, labels ${labels.length === 0 ? 'none' : labels.join(' ')}`;
}
