import type { Deletion } from '../../../src/domain/deletion.ts';
import type { DumpSummary } from '../../../src/domain/entry.ts';
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
  private readonly entries = new HostEntries('/', new TableGate(), new NamedNamespaces('/', true));
  private readonly scope: { readonly namespace: string };

  constructor(namespace: NetworkNamespace) {
    this.scope = { namespace: namespace.name };
  }

  async stream(filter: Filter): Promise<Streamed> {
    const parts: Buffer[] = [];
    for await (const chunk of await this.entries.stream(filter, 'ndjson', this.scope)) parts.push(Buffer.from(chunk));
    const lines = Buffer.concat(parts).toString().trimEnd().split('\n');
    const { trailer } = JSON.parse(lines.pop() ?? '{}') as { readonly trailer: DumpSummary };
    return { lines, ids: lines.map((line) => line.slice(line.indexOf('":"') + 3, line.indexOf('","'))), trailer };
  }

  count(filter: Filter): Promise<DumpSummary> {
    return this.entries.count(filter, this.scope);
  }

  delete(filter: Filter, limit: number): Promise<Deletion> {
    return this.entries.delete({ kind: 'matching', filter, limit }, limit, this.scope);
  }

  close(): Promise<void> {
    return this.entries.close();
  }
}
