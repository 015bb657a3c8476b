import { randomBytes } from 'node:crypto';
import { KernelBlocks, type EntriesToDelete, type EntryScope } from '../../application/ports/kernel.ts';
import { KernelEvents } from '../../application/ports/kernel-events.ts';
import type { EventActivity } from '../../domain/activity.ts';
import type { HostCapabilities } from '../../domain/capabilities.ts';
import type { BlockList, Deletion, EndOptions } from '../../domain/deletion.ts';
import type { EntryResult, EntryTarget } from '../../domain/entry-update.ts';
import type { DumpSummary, Entry } from '../../domain/entry.ts';
import type { EventRequest } from '../../domain/filter/entry-event.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { CTNETLINK } from '../ctnetlink-access.ts';
import { entryNotFound, entryRestarted } from '../dump/dump-errors.ts';
import { HostEntries } from '../dump/host-entries.ts';
import { tooMany } from '../events/event-errors.ts';
import { EventLog } from '../events/event-log.ts';
import { EventLosses } from '../events/event-losses.ts';
import { DEFAULT_OPTIONS } from '../events/event-options.ts';
import { KIND } from '../events/event-ring.ts';
import { EventStream, type EventSource } from '../events/event-stream.ts';
import type { NamedNamespaces } from '../named-namespaces.ts';
import { ProcfsCapabilities } from '../procfs/procfs-capabilities.ts';
import { TableGate } from '../table-gate.ts';
import { demoMessage } from './demo-message.ts';
import type { DemoTable } from './demo-table.ts';

const PAGE = 1_000;
const EPOCH_BYTES = 4;
const SERVE_MILLISECONDS = 250;
const LIMITS = { ...DEFAULT_OPTIONS, logBytes: 1_048_576, logEvents: 4_096 };
const SIMULATED: readonly string[] = ['entries.delete', 'entries.end', 'entries.update', 'events'];

/** Blocks of connections that do not exist: they are listed until they expire. */
export class DemoBlocks extends KernelBlocks {
  private readonly changes = new Map<number, { readonly until: number; readonly entries: readonly Entry[] }>();

  add({ change, blockSeconds }: EndOptions, entries: readonly Entry[]): void {
    this.changes.set(change, { until: performance.now() + blockSeconds * 1_000, entries });
  }

  read(connectionsMax: number): Promise<BlockList> {
    const now = performance.now();
    const current = [...this.changes].filter(([, { until }]) => until > now).sort(([one], [other]) => other - one);
    const blocks = current.map(([change, { until, entries }]) => ({
      change,
      count: entries.length,
      expiresInSeconds: Math.ceil((until - now) / 1_000),
      connections: entries.slice(0, connectionsMax).map(({ protocol, original }) => ({
        protocol,
        source: original.source,
        sourcePort: original.sourcePort ?? original.icmpId ?? 0,
        destination: original.destination,
        destinationPort: original.destinationPort ?? original.icmpId ?? 0,
      })),
    }));
    return Promise.resolve(blocks);
  }

  remove(change: number): Promise<number> {
    const { entries = [] } = this.changes.get(change) ?? {};
    this.changes.delete(change);
    return Promise.resolve(entries.length);
  }

  async tidy(): Promise<boolean> {
    return (await this.read(0)).length > 0;
  }

  clear(): Promise<void> {
    this.changes.clear();
    return Promise.resolve();
  }
}

/** Entries of a simulated table: read as text like those of a kernel without ctnetlink, and deleted from the table or updated in it. */
export class DemoEntries extends HostEntries {
  private readonly table: DemoTable;
  private readonly named: NamedNamespaces;
  private readonly blocks: DemoBlocks;

  constructor(root: string, table: DemoTable, namespaces: NamedNamespaces, blocks: DemoBlocks) {
    super(root, new TableGate(), namespaces);
    this.table = table;
    this.named = namespaces;
    this.blocks = blocks;
  }

  /** What follows from it is possible here: see `delete`. */
  override async count(filter: Filter, scope: EntryScope = {}): Promise<DumpSummary> {
    return { ...(await super.count(filter, scope)), source: CTNETLINK };
  }

  override async find(id: string, { namespace }: EntryScope = {}, startedAt?: string): Promise<Entry> {
    await this.named.pathOf(namespace);
    const entry = this.table.find(id);
    if (!entry) throw entryNotFound(id);
    if (startedAt !== undefined && entry.startedAt !== startedAt) throw entryRestarted(id, startedAt, entry.startedAt);
    return entry;
  }

  override async delete(what: EntriesToDelete, keep: number, { namespace }: EntryScope = {}, end?: EndOptions): Promise<Deletion> {
    await this.named.pathOf(namespace);
    const ids = what.kind === 'entry' ? [what.id] : await this.matching(what.filter, what.limit);
    const entries = await this.table.delete(ids);
    if (end) this.blocks.add(end, entries);
    const ended = end && { ended: { sockets: 0, skipped: 0 } };
    return { deleted: entries.length, gone: ids.length - entries.length, entries: entries.slice(0, keep), ...ended };
  }

  override async update(targets: readonly EntryTarget[], { namespace }: EntryScope = {}): Promise<readonly EntryResult[]> {
    await this.named.pathOf(namespace);
    return this.table.update(targets);
  }

  private async matching(filter: Filter, limit: number): Promise<readonly string[]> {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const { entries, next } = await this.page(filter, Math.min(PAGE, limit - ids.length), after);
      ids.push(...entries.map(({ id }) => id));
      after = next;
    } while (after !== undefined && ids.length < limit);
    return ids;
  }
}

/** Events of a simulated table, encoded as the kernel sends them, then decoded and filtered like those of a kernel. */
export class DemoEvents extends KernelEvents implements EventSource {
  private readonly losses = new EventLosses();
  private readonly log = new EventLog(randomBytes(EPOCH_BYTES).toString('hex'), LIMITS, this.losses);
  private readonly streams = new Set<EventStream>();
  private readonly timer: NodeJS.Timeout;
  private readonly stop: () => void;
  private readonly named: NamedNamespaces;
  private channel = 0;

  constructor(table: DemoTable, namespaces: NamedNamespaces) {
    super();
    this.named = namespaces;
    for (const type of ['new', 'update', 'destroy'] as const) this.log.addType(type);
    this.stop = table.listen((kind, view) => {
      const message = demoMessage(kind, view);
      this.log.append(KIND[kind], message, 0, message.length);
    });
    this.timer = setInterval(() => {
      this.log.serve(performance.now());
    }, SERVE_MILLISECONDS).unref();
  }

  async listen(request: EventRequest): Promise<EventStream> {
    await this.named.pathOf(request.namespace);
    if (this.streams.size >= LIMITS.maxClients) throw tooMany(`${String(LIMITS.maxClients)} clients are already listening to events.`);
    const stream: EventStream = new EventStream(this, request, LIMITS.readTimeoutMilliseconds, () => {
      this.streams.delete(stream);
    });
    this.streams.add(stream);
    return stream;
  }

  /** Used by its streams. */
  subscribe(request: EventRequest, onMessage: Parameters<EventSource['subscribe']>[1]): ReturnType<EventSource['subscribe']> {
    const channel = (this.channel += 1);
    onMessage({ kind: 'listening' });
    this.log.join(channel, request, performance.now(), (buffer, length) => {
      onMessage({ kind: 'chunk', buffer, length });
    });
    return {
      taken: (buffer) => {
        this.log.taken(channel, buffer, performance.now());
      },
      stop: () => {
        this.log.leave(channel);
      },
    };
  }

  activity(): EventActivity {
    return { clients: this.streams.size, limit: LIMITS.maxClients, ...this.losses.read() };
  }

  close(): Promise<void> {
    clearInterval(this.timer);
    this.stop();
    for (const stream of this.streams) stream.end('The service is stopping.');
    return Promise.resolve();
  }
}

/** Those of the tree, and what the simulated table adds. */
export class DemoCapabilities extends ProcfsCapabilities {
  override async read(namespace?: string): Promise<HostCapabilities> {
    const host = await super.read(namespace);
    return {
      ...host,
      capabilities: host.capabilities.map((each) =>
        SIMULATED.includes(each.name) ? { name: each.name, available: true, via: 'simulation' } : each,
      ),
    };
  }
}
