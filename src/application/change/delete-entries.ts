import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency, Intent } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { ENDED_MAX, isCountAsExpected, mostAsExpected, type DeletionRequest } from '../../domain/deletion.ts';
import type { Entry } from '../../domain/entry.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { formatFilter } from '../../domain/filter/format-filter.ts';
import { filterOf, isOwn, type OwnConnection } from '../../domain/own-connection.ts';
import type { Caller } from '../../domain/token.ts';
import { ApplyDeletion } from './apply-deletion.ts';
import { ChangeGate, type ChangeTurn } from './change-gate.ts';
import { serviceCaller } from './change-terms.ts';
import { ManageBlocks } from './manage-blocks.ts';
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

/** That the connections are ended, too. */
export interface EndTerms {
  readonly blockSeconds: number;
  /** The connection of the request: it is not ended. Absent: there is none, or the client acknowledged that it ends. */
  readonly spared?: OwnConnection;
  readonly acknowledged: readonly string[];
}

export interface DeletionTerms {
  /** `null`: the service's own. */
  readonly namespace: string | null;
  readonly reason: string | null;
  readonly idempotency: Idempotency | null;
  /** For one entry: when it began. A later flow with the same id began at another time. */
  readonly startedAt?: string;
  readonly end?: EndTerms;
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
    private readonly manageBlocks: ManageBlocks,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /**
   * Deletes the entry with this id, and no other entry that now has its tuple.
   *
   * @throws ConntrackError `ENTRY_NOT_FOUND`, `ENTRY_REPLACED`, `NOT_SUPPORTED_HERE`, `OWN_CONNECTION`; as `ChangeGate.enter`
   */
  async one(caller: Caller, id: string, terms: DeletionTerms): Promise<ClosedChange> {
    using turn = await this.gate.enter(caller, terms.idempotency);
    if (turn.replayed) return turn.replayed;

    const { namespace, startedAt, end } = terms;
    const entry = await this.entries.find(id, scopeOf(namespace), startedAt);
    if (end?.spared && isOwn(entry, end.spared)) throw ownConnection();
    await this.requireEndable(end);
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
      ...blocking(end),
    };
    return await this.delete(turn, caller, terms, request, { kind: 'entry', id, ...start });
  }

  /**
   * Deletes the entries that match, provided that about as many match as the client expects.
   *
   * @throws ConntrackError `COUNT_MISMATCH` with both counts, `TOO_MANY_ENTRIES`, `KERNEL_UNREADABLE` where they cannot be counted, `NOT_SUPPORTED_HERE`,
   *   `TOO_MANY_DUMPS`; as `ChangeGate.enter`
   */
  async matching(caller: Caller, requested: EntrySelection, expected: number, terms: DeletionTerms): Promise<ClosedChange> {
    using turn = await this.gate.enter(caller, terms.idempotency);
    if (turn.replayed) return turn.replayed;

    const { namespace, end } = terms;
    const selection = sparing(requested, end);
    const { filter, limit } = selection;
    await this.requireEndable(end);
    const matched = await this.count(filter, expected, namespace);
    if (end) requireFew(limit, matched);
    const request = toRequest(selection, expected, matched, terms);
    const most = Math.min(limit ?? Number.MAX_SAFE_INTEGER, mostAsExpected(expected));
    return await this.delete(turn, caller, terms, request, { kind: 'matching', filter, limit: most });
  }

  /** The same checks as `matching`. Deletes and records nothing. @param expected `null`: the client wants to know the count */
  async preview(requested: EntrySelection, expected: number | null, terms: DeletionTerms, owner?: string): Promise<DeletionPlan> {
    this.gate.requireReady();
    const { namespace, end } = terms;
    const selection = sparing(requested, end);
    const { filter, limit } = selection;
    await this.requireEndable(end);
    const matched = await this.count(filter, expected, namespace, owner);
    if (end) requireFew(limit, matched);
    this.journal.requireRoomFor(await this.toIntent(serviceCaller('dry-run'), terms, toRequest(selection, expected, matched, terms)));
    const { entries } = await this.entries.page(filter, EXAMPLES_MAX, undefined, scopeOf(namespace, owner));
    return { filter: formatFilter(filter), matched, examples: entries };
  }

  private async requireEndable(end: EndTerms | undefined): Promise<void> {
    if (end) await this.manageBlocks.requireUsable();
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
    if (terms.end) this.manageBlocks.expect();
    const end = terms.end && { change: turn.changeId, blockSeconds: terms.end.blockSeconds };
    const outcome = await this.applyDeletion.run(what, exactScope(intent.namespace), end);
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
      acknowledged: terms.end?.acknowledged ?? [],
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
  { namespace, end }: DeletionTerms,
): DeletionRequest {
  const text = what === 'flush' ? null : formatFilter(filter);
  return { what, namespace, entry: null, filter: text, expected, matched, limit, ...blocking(end) };
}

function blocking(end: EndTerms | undefined): Pick<DeletionRequest, 'blockSeconds'> {
  return end ? { blockSeconds: end.blockSeconds } : {};
}

function sparing(selection: EntrySelection, end: EndTerms | undefined): EntrySelection {
  if (!end?.spared) return selection;
  return { ...selection, filter: { kind: 'all', of: [selection.filter, { kind: 'not', of: filterOf(end.spared) }] } };
}

/** @throws ConntrackError `TOO_MANY_ENTRIES` */
function requireFew(limit: number | null, matched: number): void {
  if (limit !== null || matched <= ENDED_MAX) return;
  throw new ConntrackError('TOO_MANY_ENTRIES', `${matched} entries match, and one request ends at most ${ENDED_MAX} connections.`, {
    conflicts: [{ subject: 'count', expected: `${ENDED_MAX} or fewer`, found: String(matched) }],
    remedy: `Send "limit": ${ENDED_MAX}, and repeat the request; or use a narrower filter.`,
  });
}

function ownConnection(): ConntrackError {
  return new ConntrackError('OWN_CONNECTION', 'This entry is the connection of the request.');
}
