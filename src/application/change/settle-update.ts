import { Injectable } from '@nestjs/common';
import type { Change, Failure, Outcome } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { alterationOf, holdsTimeout } from '../../domain/entry-alteration.ts';
import {
  hasMarkAndLabels,
  stateAfter,
  targetsOf,
  toUpdatedEntries,
  type EntryResult,
  type EntryTarget,
  type PlannedEntry,
} from '../../domain/entry-update.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { toFailure } from '../../domain/to-failure.ts';
import { readTarget } from './change-target.ts';
import { Clock } from '../ports/clock.ts';
import { KernelEntries, KernelSettings, exactScope } from '../ports/kernel.ts';

/** These pass: the entries can be read later. */
const RETRY_LATER: readonly ErrorCode[] = ['CONNTRACK_NOT_LOADED', 'TOO_MANY_DUMPS', 'RESOURCES_EXHAUSTED'];

const UNKNOWN = 'The service ended during the update.';

type Finding = Pick<Outcome, 'updated'> &
  ({ readonly outcome: 'recovered-unchanged' | 'recovered-applied' } | { readonly outcome: 'diverged'; readonly failure: Failure });

/** Determines how far an update came that a process opened and never closed, by reading its entries. */
@Injectable()
export class SettleUpdate {
  constructor(
    private readonly entries: KernelEntries,
    private readonly settings: KernelSettings,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError where it cannot be determined now, but may be later */
  async run(change: Change): Promise<Outcome> {
    const finding = await this.find(change);
    return { ...finding, completedAt: this.clock.now(), observed: { settings: {}, files: {} } };
  }

  private async find({ namespace, update, startedAt }: Change): Promise<Finding> {
    const targets = update ? targetsOf(update) : [];
    try {
      if (namespace) await readTarget(this.settings, namespace);
      const found = await this.entries.update(
        targets.map((target) => ({ ...target, update: {} })),
        exactScope(namespace),
      );
      const elapsedSeconds = (this.clock.now().getTime() - startedAt.getTime()) / 1_000;
      return conclude(found.map((result, index) => judge(update?.entries?.[index], targets[index], result, elapsedSeconds)));
    } catch (error) {
      if (error instanceof ConntrackError && RETRY_LATER.includes(error.code)) throw error;
      const { message } = toFailure(error);
      return { outcome: 'diverged', failure: unknown(`Its entries cannot be read now: ${message}`) };
    }
  }
}

/** The state of one entry: a result with the entry as it was found. */
function judge(
  planned: PlannedEntry | undefined,
  target: EntryTarget | undefined,
  { result, entry }: EntryResult,
  elapsedSeconds: number,
): EntryResult {
  if (!entry || !planned || !target) return { result };
  const { timeoutSeconds } = target.update;
  const expected = stateAfter(planned.entry, target.update);
  const { undo, redo } = alterationOf(planned.entry, expected, target.update);
  const hasNoTimeout = timeoutSeconds === undefined;
  if (hasMarkAndLabels(entry, undo) && (hasNoTimeout || holdsTimeout(entry, planned.entry.timeoutSeconds, elapsedSeconds))) {
    return { result: 'unchanged', entry };
  }
  if (hasMarkAndLabels(entry, redo) && (hasNoTimeout || holdsTimeout(entry, timeoutSeconds, 0, elapsedSeconds)))
    return { result: 'updated', entry };
  return { result: 'not-effective', entry, failure: { message: 'the entry has neither the values from before nor the requested ones' } };
}

function conclude(results: readonly EntryResult[]): Finding {
  const updated = toUpdatedEntries(results);
  const { counts } = updated;
  const left = results.length - counts.gone;
  if (counts.unchanged === left && (left > 0 || results.length === 0)) return { outcome: 'recovered-unchanged', updated };
  if (counts.updated === left && left > 0) return { outcome: 'recovered-applied', updated };
  const message = left === 0 ? 'All its entries are gone.' : `${counts.updated} of ${results.length} entries are found updated.`;
  return { outcome: 'diverged', failure: unknown(message), updated };
}

function unknown(message: string): Failure {
  return { code: 'OUTCOME_UNRECORDED', message: `${UNKNOWN} ${message}` };
}
