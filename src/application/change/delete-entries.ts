import { Injectable } from '@nestjs/common';
import type { ClosedChange, Idempotency, Intent } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isCountAsExpected, mostAsExpected, type DeletionRequest } from '../../domain/deletion.ts';
import type { DumpOutcome, Entry } from '../../domain/entry.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { formatFilter } from '../../domain/filter/format-filter.ts';
import type { Caller } from '../../domain/token.ts';
import { ApplyDeletion } from './apply-deletion.ts';
import { ChangeGate, type PreparedChange } from './change-gate.ts';
import { scopeIn } from './deletion-scope.ts';
import { Clock } from '../ports/clock.ts';
import { KernelEntries, KernelSettings, type EntriesToDelete } from '../ports/kernel.ts';

/** Entries that a filter selects; a flush selects every one. */
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
}

/** What a deletion would do. */
export interface DeletionPlan {
  readonly filter: string;
  readonly matched: number;
  /** The first of those that match, EXAMPLES_MAX at most. */
  readonly examples: readonly Entry[];
}

export const EXAMPLES_MAX = 10;

/** Takes entries out of the table. Each deletion is a recorded change through the same door as any other; it cannot be rolled back. */
@Injectable()
export class DeleteEntries {
  constructor(
    private readonly door: ChangeGate,
    private readonly settings: KernelSettings,
    private readonly entries: KernelEntries,
    private readonly carryOut: ApplyDeletion,
    private readonly clock: Clock,
  ) {}

  /** The very entry with this id. @throws ConntrackError `ENTRY_NOT_FOUND`, `ENTRY_REPLACED`, `NOT_SUPPORTED_HERE`; as `ChangeGate.pass` */
  one(caller: Caller, id: string, terms: DeletionTerms): Promise<ClosedChange> {
    const { namespace } = terms;
    const request: DeletionRequest = { what: 'entry', namespace, entry: id, filter: null, expected: null, matched: null, limit: null };
    return this.door.pass(caller, terms.idempotency, async () => {
      await this.entries.find(id, scopeIn(namespace));
      return this.prepare(caller, terms, request, { kind: 'entry', id });
    });
  }

  /**
   * Those that match, as long as there are about as many as the client expects.
   *
   * @throws ConntrackError `COUNT_MISMATCH` with both counts, `KERNEL_UNREADABLE` where they cannot be counted, `NOT_SUPPORTED_HERE`,
   *   `TOO_MANY_DUMPS`; as `ChangeGate.pass`
   */
  matching(caller: Caller, selection: EntrySelection, expected: number, terms: DeletionTerms): Promise<ClosedChange> {
    const { what, filter, limit } = selection;
    const { namespace } = terms;
    return this.door.pass(caller, terms.idempotency, async () => {
      const matched = await this.count(filter, expected, namespace);
      const text = what === 'flush' ? null : formatFilter(filter);
      const request: DeletionRequest = { what, namespace, entry: null, filter: text, expected, matched, limit };
      const most = Math.min(limit ?? Number.MAX_SAFE_INTEGER, mostAsExpected(expected));
      return this.prepare(caller, terms, request, { kind: 'matching', filter, limit: most });
    });
  }

  /** The same checks as doing it, and nothing happens or is recorded. @param expected `null`: the client asks how many there are */
  async preview({ filter }: EntrySelection, expected: number | null, namespace: string | null): Promise<DeletionPlan> {
    const matched = await this.count(filter, expected, namespace);
    const { entries } = await this.entries.page(filter, EXAMPLES_MAX, undefined, scopeIn(namespace));
    return { filter: formatFilter(filter), matched, examples: entries };
  }

  private async count(filter: Filter, expected: number | null, namespace: string | null): Promise<number> {
    const { entries: found, outcome, source } = await this.entries.count(filter, scopeIn(namespace));
    if (source !== 'ctnetlink') throw notSupported(source);
    if (outcome !== 'complete') throw uncounted(outcome);
    if (expected !== null && !isCountAsExpected(expected, found)) throw countMoved(expected, found);
    return found;
  }

  private async prepare(caller: Caller, terms: DeletionTerms, request: DeletionRequest, what: EntriesToDelete): Promise<PreparedChange> {
    const { bootId } = await this.settings.read();
    const intent: Intent = {
      kind: 'deletion',
      startedAt: this.clock.now(),
      bootId: bootId ?? null,
      actor: caller.actor,
      requestId: caller.requestId,
      reason: terms.reason,
      rollbackOf: null,
      relatesTo: null,
      confirm: null,
      idempotency: terms.idempotency,
      acknowledged: [],
      settings: [],
      files: [],
      deletion: request,
    };
    return { intent, carryOut: () => this.carryOut.run(what, request.namespace) };
  }
}

function countMoved(expected: number, found: number): ConntrackError {
  return new ConntrackError('COUNT_MISMATCH', `${found} entries match now; ${expected} were expected, which is off by more than a tenth.`, {
    conflicts: [{ subject: 'count', expected: String(expected), found: String(found) }],
    remedy: 'Look again with "dryRun": true, decide again, and send the new count.',
  });
}

function notSupported(source: string): ConntrackError {
  return new ConntrackError('NOT_SUPPORTED_HERE', `Entries can be deleted over ctnetlink only; here they are read from ${source}.`, {
    remedy: 'Run the service with CAP_NET_ADMIN on a kernel that has nf_conntrack_netlink.',
  });
}

function uncounted(outcome: Exclude<DumpOutcome, 'complete'>): ConntrackError {
  return new ConntrackError('KERNEL_UNREADABLE', `The entries could not be counted: the pass over the table ended as ${outcome}.`, {
    remedy: 'Repeat the request.',
  });
}
