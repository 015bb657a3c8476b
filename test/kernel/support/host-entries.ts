import type { Deletion } from '../../../src/domain/deletion.ts';
import type { DumpSummary, Entry, EntryPage, StreamFormat } from '../../../src/domain/entry.ts';
import type { SummaryAnswer, SummaryRequest } from '../../../src/domain/entry-summary.ts';
import type { Filter } from '../../../src/domain/filter/filter.ts';
import { HostEntries } from '../../../src/kernel/dump/host-entries.ts';
import { NamedNamespaces } from '../../../src/kernel/named-namespaces.ts';
import { TableGate } from '../../../src/kernel/table-gate.ts';
import type { NetworkNamespace } from './network-namespace.ts';

export interface Streamed {
  /** Without the trailer. */
  readonly lines: readonly string[];
  readonly ids: readonly string[];
  readonly trailer: DumpSummary;
}

/** The service's dumps, reading a namespace from outside. */
export class EntriesOf {
  private readonly entries: HostEntries;
  private readonly scope: { readonly namespace: string };

  constructor(namespace: NetworkNamespace, gate = new TableGate()) {
    this.entries = new HostEntries('/', gate, new NamedNamespaces('/', true));
    this.scope = { namespace: namespace.name };
  }

  /** Number of running dumps. */
  get running(): number {
    return this.entries.activity().running;
  }

  /** The lines of CSV include the header, and have no ids. */
  async stream(filter: Filter, format: StreamFormat = 'ndjson'): Promise<Streamed> {
    const parts: Buffer[] = [];
    for await (const chunk of await this.entries.stream(filter, format, this.scope)) parts.push(Buffer.from(chunk));
    const lines = Buffer.concat(parts).toString().trimEnd().split('\n');
    const last = lines.pop() ?? '{}';
    if (format !== 'ndjson') return { lines, ids: [], trailer: await this.count(filter) };
    const { trailer } = JSON.parse(last) as { readonly trailer: DumpSummary };
    return { lines, ids: lines.map((line) => line.slice(line.indexOf('":"') + 3, line.indexOf('","'))), trailer };
  }

  page(filter: Filter, limit: number): Promise<EntryPage> {
    return this.entries.page(filter, limit, '', this.scope);
  }

  find(id: string): Promise<Entry> {
    return this.entries.find(id, this.scope);
  }

  count(filter: Filter): Promise<DumpSummary> {
    return this.entries.count(filter, this.scope);
  }

  summarise(filter: Filter, request: SummaryRequest): Promise<SummaryAnswer> {
    return this.entries.summarise(filter, request, this.scope);
  }

  delete(filter: Filter, limit: number): Promise<Deletion> {
    return this.entries.delete({ kind: 'matching', filter, limit }, limit, this.scope);
  }

  close(): Promise<void> {
    return this.entries.close();
  }
}
