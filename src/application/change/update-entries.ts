import { Injectable } from '@nestjs/common';
import type { ClosedChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isCountAsExpected, mostAsExpected } from '../../domain/deletion.ts';
import type { Entry } from '../../domain/entry.ts';
import { UPDATED_ENTRIES_MAX, type EntryUpdate, type EntryUpdateRequest } from '../../domain/entry-update.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { formatFilter } from '../../domain/filter/format-filter.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeEntries, type WantedUpdate } from './change-entries.ts';
import type { DeletionTerms } from './delete-entries.ts';
import { countMismatch, notCounted, requiresNetlink } from './matching-entries.ts';
import { ResolveLabels, type RequestedUpdate } from './resolve-labels.ts';
import { KernelEntries, KernelSettings, scopeOf, type EntryScope } from '../ports/kernel.ts';

/** Entries that a filter selects. */
export interface UpdateSelection {
  readonly filter: Filter;
  /** `null`: all that match, provided that they are not too many. */
  readonly limit: number | null;
  /** `null`: the client wants to know the number. */
  readonly expected: number | null;
}

/** As for a deletion. */
export type UpdateTerms = DeletionTerms;

/** Updates entries of the table. Each update is a recorded change, with each entry before and after it, and can be rolled back. */
@Injectable()
export class UpdateEntries {
  constructor(
    private readonly change: ChangeEntries,
    private readonly settings: KernelSettings,
    private readonly entries: KernelEntries,
    private readonly resolveLabels: ResolveLabels,
  ) {}

  /**
   * Updates the entry with this id, and no other entry that now has its tuple.
   *
   * @throws ConntrackError `ENTRY_NOT_FOUND`, `ENTRY_REPLACED`, `NOT_SUPPORTED_HERE`, `INVALID_REQUEST` for an unknown label; as `ChangeGate.enter`
   */
  one(caller: Caller, id: string, update: RequestedUpdate, terms: UpdateTerms): Promise<ClosedChange> {
    return this.change.perform(caller, terms.idempotency, () => this.decideOne(id, update, terms));
  }

  /** The same checks. Writes and records nothing. */
  previewOne(id: string, update: RequestedUpdate, terms: UpdateTerms): Promise<EntryUpdateRequest> {
    return this.change.preview(() => this.decideOne(id, update, terms));
  }

  /**
   * Updates the entries that match, provided that about as many match as the client expects.
   *
   * @throws ConntrackError `COUNT_MISMATCH` with both counts, `TOO_MANY_ENTRIES`, `KERNEL_UNREADABLE` where they cannot be counted,
   *   `NOT_SUPPORTED_HERE`, `TOO_MANY_DUMPS`, `INVALID_REQUEST` for an unknown label; as `ChangeGate.enter`
   */
  matching(caller: Caller, selection: UpdateSelection, update: RequestedUpdate, terms: UpdateTerms): Promise<ClosedChange> {
    return this.change.perform(caller, terms.idempotency, () => this.decideMatching(selection, update, terms));
  }

  /** The same checks. Writes and records nothing. @param owner id of the token whose share of the dumps it counts for */
  preview(selection: UpdateSelection, update: RequestedUpdate, terms: UpdateTerms, owner?: string): Promise<EntryUpdateRequest> {
    return this.change.preview(() => this.decideMatching(selection, update, terms, owner));
  }

  private async decideOne(id: string, requested: RequestedUpdate, terms: UpdateTerms): Promise<WantedUpdate> {
    const { namespace, startedAt } = terms;
    const update = await this.resolveLabels.run(requested);
    const entry = await this.entries.find(id, scopeOf(namespace), startedAt);
    const start = startedAt === undefined ? {} : { startedAt };
    const nothing = { filter: null, expected: null, matched: null, limit: null };
    return this.wanted({ what: 'entry', update, ...start, ...nothing, selected: 1, entries: [{ entry }] }, terms);
  }

  private async decideMatching(
    selection: UpdateSelection,
    requested: RequestedUpdate,
    terms: UpdateTerms,
    owner?: string,
  ): Promise<WantedUpdate> {
    const { filter, expected, limit } = selection;
    const scope = scopeOf(terms.namespace, owner);
    const update = await this.resolveLabels.run(requested);
    const matched = await this.count(filter, expected, scope);
    if (limit === null && matched > UPDATED_ENTRIES_MAX) throw tooMany(matched);
    const most = Math.min(limit ?? UPDATED_ENTRIES_MAX, expected === null ? UPDATED_ENTRIES_MAX : mostAsExpected(expected));
    const entries = most === 0 ? [] : await this.select(filter, most, scope);
    const text = formatFilter(filter);
    return this.wanted(requestOf(update, { filter: text, expected, matched, limit }, entries), terms);
  }

  private async count(filter: Filter, expected: number | null, scope: EntryScope): Promise<number> {
    const { entries: found, outcome, source } = await this.entries.count(filter, scope);
    if (source !== 'ctnetlink') throw requiresNetlink('updated', source);
    if (outcome !== 'complete') throw notCounted(outcome);
    if (expected !== null && !isCountAsExpected(expected, found)) throw countMismatch(expected, found);
    return found;
  }

  private async select(filter: Filter, most: number, scope: EntryScope): Promise<readonly Entry[]> {
    const { entries } = await this.entries.page(filter, most, undefined, scope);
    return entries;
  }

  private async wanted(request: EntryUpdateRequest, { namespace, reason }: UpdateTerms): Promise<WantedUpdate> {
    const live = await this.settings.read(namespace ?? undefined);
    return { request, live, reason, rollbackOf: null };
  }
}

function requestOf(
  update: EntryUpdate,
  terms: Pick<EntryUpdateRequest, 'filter' | 'expected' | 'matched' | 'limit'>,
  entries: readonly Entry[],
): EntryUpdateRequest {
  return { what: 'filter', update, ...terms, selected: entries.length, entries: entries.map((entry) => ({ entry })) };
}

function tooMany(matched: number): ConntrackError {
  return new ConntrackError('TOO_MANY_ENTRIES', `${matched} entries match, and one update changes at most ${UPDATED_ENTRIES_MAX}.`, {
    conflicts: [{ subject: 'count', expected: `${UPDATED_ENTRIES_MAX} or fewer`, found: String(matched) }],
  });
}
