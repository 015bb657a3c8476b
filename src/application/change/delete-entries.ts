import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency, Intent } from '../../domain/change.ts';
import { isCountAsExpected, mostAsExpected, type DeletionRequest } from '../../domain/deletion.ts';
import type { Entry } from '../../domain/entry.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { formatFilter } from '../../domain/filter/format-filter.ts';
import type { Caller } from '../../domain/token.ts';
import { ApplyDeletion } from './apply-deletion.ts';
import { ChangeGate, type ChangeTurn } from './change-gate.ts';
import { serviceCaller } from './change-terms.ts';
import { countMismatch, notCounted, requiresNetlink } from './matching-entries.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelEntries, KernelSettings, exactScope, scopeOf, type EntriesToDelete } from '../ports/kernel.ts';

/** Entries that a filter selects; a flush selects all entries. */
export interface EntrySelection {
  readonly what: 'filter' | 'flush';
  readonly filter: Filter;
  /** `null`: all that match. */
  readonly limit: number | null;
}

export interface DeletionTerms {
  /** `null`: the service's own. */
  readonly namespace: string | null;
  readonly reason: string | null;
  readonly idempotency: Idempotency | null;
  /** For one entry: when it began. A later flow with the same id began at another time. */
  readonly startedAt?: string;
}

/** What a deletion would do. */
export interface DeletionPlan {
  readonly filter: string;
  readonly matched: number;
  /** The first matching entries, EXAMPLES_MAX at most. */
  readonly examples: readonly Entry[];
}

export const EXAMPLES_MAX = 10;

/** Deletes entries from the table. Each deletion is a recorded change like any other, but cannot be rolled back. */
@Injectable()
export class DeleteEntries {
  constructor(
    private readonly gate: ChangeGate,
    private readonly settings: KernelSettings,
    private readonly entries: KernelEntries,
    private readonly applyDeletion: ApplyDeletion,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * Deletes the entry with this id, and no other entry that now has its tuple.
   *
   * @throws ConntrackError `ENTRY_NOT_FOUND`, `ENTRY_REPLACED`, `NOT_SUPPORTED_HERE`; as `ChangeGate.enter`
   */
  async one(caller: Caller, id: string, terms: DeletionTerms): Promise<ClosedChange> {
    using turn = await this.gate.enter(caller, terms.idempotency);
    if (turn.replayed) return turn.replayed;

    const { namespace, startedAt } = terms;
    await this.entries.find(id, scopeOf(namespace), startedAt);
    const start = startedAt === undefined ? {} : { startedAt };
    const request: DeletionRequest = {
      what: 'entry',
      namespace,
      entry: id,
      ...start,
      filter: null,
      expected: null,
      matched: null,
      limit: null,
    };
    return await this.delete(turn, caller, terms, request, { kind: 'entry', id, ...start });
  }

  /**
   * Deletes the entries that match, provided that about as many match as the client expects.
   *
   * @throws ConntrackError `COUNT_MISMATCH` with both counts, `KERNEL_UNREADABLE` where they cannot be counted, `NOT_SUPPORTED_HERE`,
   *   `TOO_MANY_DUMPS`; as `ChangeGate.enter`
   */
  async matching(caller: Caller, selection: EntrySelection, expected: number, terms: DeletionTerms): Promise<ClosedChange> {
    using turn = await this.gate.enter(caller, terms.idempotency);
    if (turn.replayed) return turn.replayed;

    const { filter, limit } = selection;
    const { namespace } = terms;
    const matched = await this.count(filter, expected, namespace);
    const request = toRequest(selection, expected, matched, namespace);
    const most = Math.min(limit ?? Number.MAX_SAFE_INTEGER, mostAsExpected(expected));
    return await this.delete(turn, caller, terms, request, { kind: 'matching', filter, limit: most });
  }

  /** The same checks as `matching`. Deletes and records nothing. @param expected `null`: the client wants to know the count */
  async preview(selection: EntrySelection, expected: number | null, namespace: string | null, owner?: string): Promise<DeletionPlan> {
    this.gate.requireReady();
    const { filter } = selection;
    const matched = await this.count(filter, expected, namespace, owner);
    const terms = { namespace, reason: null, idempotency: null };
    this.journal.requireRoomFor(await this.toIntent(serviceCaller('dry-run'), terms, toRequest(selection, expected, matched, namespace)));
    const { entries } = await this.entries.page(filter, EXAMPLES_MAX, undefined, scopeOf(namespace, owner));
    return { filter: formatFilter(filter), matched, examples: entries };
  }

  private async count(filter: Filter, expected: number | null, namespace: string | null, owner?: string): Promise<number> {
    const { entries: found, outcome, source } = await this.entries.count(filter, scopeOf(namespace, owner));
    if (source !== 'ctnetlink') throw requiresNetlink('deleted', source);
    if (outcome !== 'complete') throw notCounted(outcome);
    if (expected !== null && !isCountAsExpected(expected, found)) throw countMismatch(expected, found);
    return found;
  }

  private async delete(
    turn: ChangeTurn,
    caller: Caller,
    terms: DeletionTerms,
    request: DeletionRequest,
    what: EntriesToDelete,
  ): Promise<ClosedChange> {
    const intent = await this.toIntent(caller, terms, request);
    this.journal.requireRoomFor(intent);
    await turn.open(intent);
    const outcome = await this.applyDeletion.run(what, exactScope(intent.namespace));
    return turn.close(outcome);
  }

  private async toIntent(caller: Caller, terms: DeletionTerms, request: DeletionRequest): Promise<Intent> {
    const { bootId, namespace } = await this.settings.read(request.namespace ?? undefined);
    return {
      kind: 'deletion',
      startedAt: this.clock.now(),
      bootId: bootId ?? null,
      actor: caller.actor,
      requestId: caller.requestId,
      ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
      reason: terms.reason,
      rollbackOf: null,
      relatesTo: null,
      confirm: null,
      idempotency: terms.idempotency,
      acknowledged: [],
      ...(namespace && { namespace }),
      settings: [],
      files: [],
      deletion: request,
    };
  }
}

function toRequest(
  { what, filter, limit }: EntrySelection,
  expected: number | null,
  matched: number,
  namespace: string | null,
): DeletionRequest {
  return { what, namespace, entry: null, filter: what === 'flush' ? null : formatFilter(filter), expected, matched, limit };
}
