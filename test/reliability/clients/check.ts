import { readHost, type HostState } from '../support/host.ts';
import { judge } from '../support/judge.ts';
import type { Service } from '../support/service.ts';
import { NAMESPACE, type Deeds, type Recorded } from './client.ts';

export interface Problems {
  /** Acknowledged changes that the journal does not contain as they were acknowledged, or whose entries are still in the table. */
  readonly lost: readonly string[];
  /** Values, boot files and records that nothing explains. */
  readonly unexplained: readonly string[];
  /** Windows that are open after their deadline. */
  readonly overdue: readonly string[];
}

const PAGE = 1_000;
/** The service checks each second. */
const GRACE_MILLISECONDS = 3_000;

/** Compares the journal of a restarted service with the host and with what clients were told. */
export class Check {
  private origin: HostState;
  private lastId = 0;
  private head: string | undefined;
  /** Every content that a record or the beginning names. */
  private readonly known: HostState[];

  private constructor(origin: HostState) {
    this.origin = origin;
    this.known = [origin];
  }

  /** To be called before the first start. */
  static begin(): Check {
    return new Check(readHost());
  }

  /** @param deeds what clients did since the previous check. @throws Error if the journal cannot be read or its chain is broken */
  async run(service: Service, token: string, { sent, acknowledged }: Deeds): Promise<Problems> {
    const ask = async <Body>(path: string): Promise<Body> => {
      const { status, text } = await service.request('GET', `/api/v1${path}`, token);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      return JSON.parse(text) as Body;
    };
    await this.verify(ask);
    const overdue = await overdueIn(ask, service.servingSince);
    const { rows, host } = await this.observe(ask);
    for (const { path, before, after } of rows.flatMap(({ files }) => files))
      for (const content of [before, after ?? null]) if (content !== null) this.known.push({ settings: {}, files: { [path]: content } });
    // A deletion names no setting and no file.
    const judged = judge({ origin: this.origin, host, rows: rows.filter(({ kind }) => kind !== 'deletion'), known: this.known });
    const lost = [...lostAmong(acknowledged, rows), ...(await undeleted(ask, acknowledged))];
    const unexplained = [...judged.map(({ kind, what }) => `${kind}: ${what}`), ...unasked(rows, sent)];
    this.origin = host;
    this.lastId = rows.at(-1)?.id ?? this.lastId;
    return { lost, unexplained, overdue };
  }

  /** Anchored at the head of the previous check, so that no earlier record can have been replaced or removed. */
  private async verify(ask: Ask): Promise<void> {
    const anchor = this.head === undefined ? '' : `?anchor=${this.head}`;
    const { head, broken } = await ask<{ readonly head: string; readonly broken?: unknown }>(`/changes/verify${anchor}`);
    if (broken !== undefined) throw new Error(`The chain is broken: ${JSON.stringify(broken)}`);
    this.head = head;
  }

  /** The new records, oldest first, and the host between two equal readings of them: a revert may happen at any time. */
  private async observe(ask: Ask): Promise<{ readonly rows: readonly Recorded[]; readonly host: HostState }> {
    for (;;) {
      const before = await this.newRows(ask);
      const host = readHost();
      const rows = await this.newRows(ask);
      if (rows.length === before.length) return { rows, host };
    }
  }

  private async newRows(ask: Ask): Promise<readonly Recorded[]> {
    const { items } = await ask<{ readonly items: readonly Recorded[] }>(`/changes?limit=${PAGE}`);
    const rows = items.filter(({ id }) => id > this.lastId).reverse();
    if (rows.length === PAGE) throw new Error(`More than ${PAGE} changes were made between two checks.`);
    return rows;
  }
}

type Ask = <Body>(path: string) => Promise<Body>;

async function overdueIn(ask: Ask, servingSince: number): Promise<readonly string[]> {
  const asked = Date.now();
  const { items } = await ask<{ readonly items: readonly Recorded[] }>('/changes/awaiting-confirmation');
  // What ended before the start is reverted before the first response.
  const limit = Math.max(servingSince, asked - GRACE_MILLISECONDS);
  return items
    .filter(({ confirmBy = '' }) => !(Date.parse(confirmBy) >= limit))
    .map(({ id, confirmBy }) => `change ${id} was to be confirmed by ${String(confirmBy)}`);
}

function lostAmong(acknowledged: readonly Recorded[], rows: readonly Recorded[]): readonly string[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return acknowledged.flatMap((change) => {
    const row = byId.get(change.id);
    const [told, found] = [change, row].map((each) => each && JSON.stringify(essence(each)));
    return told === found ? [] : [`change ${change.id}: acknowledged ${String(told)}, in the journal ${String(found)}`];
  });
}

/** What is the same in every response about a change. */
function essence({ id, kind, outcome, reason, settings, files, deletion }: Recorded): object {
  return { id, kind, outcome, reason, settings, files, deleted: deletion?.deletedCount };
}

async function undeleted(ask: Ask, acknowledged: readonly Recorded[]): Promise<readonly string[]> {
  const left = new Map<string | null, ReadonlySet<string>>();
  for (const namespace of [null, NAMESPACE]) {
    const query = namespace === null ? '' : `&namespace=${namespace}`;
    const { items, entries } = await ask<Entries>(`/entries?limit=${PAGE}${query}`);
    left.set(namespace, new Set((items ?? entries ?? []).map(({ id }) => id)));
  }
  return acknowledged.flatMap(({ id, deletion }) =>
    (deletion?.entries ?? [])
      .filter((entry) => left.get(deletion?.namespace ?? null)?.has(entry.id))
      .map((entry) => `change ${id} deleted ${entry.id}, which is still in the table`),
  );
}

interface Entries {
  readonly items?: readonly { readonly id: string }[];
  readonly entries?: readonly { readonly id: string }[];
}

const REQUESTED = ['change', 'confirmation', 'deletion', 'rollback', 'rollback-to', 'window-extended'];

/** Records of requests that no client sent, or that were carried out twice. */
function unasked(rows: readonly Recorded[], sent: ReadonlySet<string>): readonly string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ id, kind, reason }) => {
    if (!REQUESTED.includes(kind)) return [];
    const isWanted = reason !== null && sent.has(reason) && !seen.has(reason);
    seen.add(reason ?? '');
    return isWanted ? [] : [`unasked: change ${id} (${kind}) has the reason ${String(reason)}`];
  });
}

/** After every window has ended, no setting may have a value other than its last confirmed one. */
export function unconfirmedLeft(rows: readonly Recorded[]): readonly string[] {
  const states = new Map<string, { confirmed: number; value: number; under?: number }>();
  for (const { id, kind, outcome, relatesTo, confirmBy, settings } of rows) {
    if (['recovered-unchanged', 'failed', 'not-effective', 'pending'].includes(outcome)) continue;
    if (kind === 'confirmation')
      for (const [name, { value, under }] of states) if (under === relatesTo) states.set(name, { confirmed: value, value });
    for (const { name, before, after } of settings) {
      if (typeof after !== 'number' || (outcome === 'diverged' && after === before)) continue;
      const confirmed = states.get(name)?.confirmed ?? before;
      const isPending = kind === 'change' && confirmBy !== undefined;
      states.set(name, isPending ? { confirmed, value: after, under: id } : { confirmed: after, value: after });
    }
  }
  return [...states]
    .filter(([, { under, value, confirmed }]) => under !== undefined && value !== confirmed)
    .map(([name, { under, value, confirmed }]) => `${name} has ${value} of change ${String(under)}, never confirmed, and not ${confirmed}`);
}
