import { KernelEvents } from '../../application/ports/kernel-events.ts';
import type { EventActivity } from '../../domain/activity.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { EventRequest } from '../../domain/filter/entry-event.ts';
import { KernelFiles } from '../kernel-files.ts';
import { requireLayout } from '../kernel-layout.ts';
import type { NamedNamespaces, NamespacePlace } from '../named-namespaces.ts';
import { Shares } from '../../application/shares.ts';
import { EventFeeds } from './event-feeds.ts';
import { EventLosses } from './event-losses.ts';
import { EventStream } from './event-stream.ts';
import { DEFAULT_OPTIONS, type EventOptions } from './event-options.ts';
import { isPlaceLost, notSupported, refusalToError, tooMany } from './event-errors.ts';

/** A namespace may be replaced while a client begins to listen. */
const ATTEMPTS = 3;

/** Events over ctnetlink. Each network namespace has one worker, which runs only while it has clients. */
export class CtnetlinkEvents extends KernelEvents {
  private readonly files: KernelFiles;
  private readonly namespaces: Pick<NamedNamespaces, 'locate'>;
  private readonly options: EventOptions;
  private readonly feeds: EventFeeds;
  private readonly shares: Shares;
  private readonly losses = new EventLosses();
  private readonly streams = new Set<EventStream>();
  private isClosed = false;

  /** @param root `/`; other roots have no events */
  constructor(root: string, namespaces: Pick<NamedNamespaces, 'locate' | 'identityOf'>, options: Partial<EventOptions> = {}) {
    super();
    this.files = new KernelFiles(root);
    this.namespaces = namespaces;
    this.options = { ...DEFAULT_OPTIONS, ...options };
    this.feeds = new EventFeeds(this.options, this.losses, namespaces);
    this.shares = new Shares(this.options.maxClients);
  }

  async listen(request: EventRequest): Promise<EventStream> {
    await this.requireSupport();
    for (let attempt = 1; ; attempt += 1) {
      const place = request.namespace === undefined ? undefined : await this.namespaces.locate(request.namespace);
      const stream = this.open(place, request);
      const refusal = await stream.opened;
      if (!refusal) return stream;
      if (!place || !isPlaceLost(refusal) || attempt === ATTEMPTS) throw refusalToError(refusal);
    }
  }

  activity(): EventActivity {
    return { clients: this.streams.size, limit: this.options.maxClients, ...this.losses.read() };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const stream of this.streams) stream.end('The service is stopping.');
    await this.feeds.close();
  }

  private open(place: NamespacePlace | undefined, request: EventRequest): EventStream {
    this.requireRoom(request.owner);
    const feed = this.feeds.of(place);
    const leave = this.shares.take(request.owner);
    const stream: EventStream = new EventStream(feed, request, this.options.readTimeoutMilliseconds, () => {
      this.streams.delete(stream);
      leave();
    });
    this.streams.add(stream);
    return stream;
  }

  private async requireSupport(): Promise<void> {
    const layout = await requireLayout(this.files);
    if (this.files.isElsewhere)
      throw notSupported('Events come only from the kernel that runs this service, and --root shows another one.');
    if (layout.name === 'ip_conntrack') throw notSupported('The conntrack of this kernel (ip_conntrack) has no ctnetlink.');
  }

  private requireRoom(owner: string | undefined): void {
    if (this.isClosed) throw new ConntrackError('KERNEL_UNREADABLE', 'The service is stopping.');
    const { maxClients } = this.options;
    if (this.streams.size >= maxClients) throw tooMany(`${String(maxClients)} clients are already listening to events.`);
    if (this.shares.hasReached(owner)) {
      throw tooMany(`This token already has ${String(this.shares.share)} of the ${String(maxClients)} event streams, which is its share.`);
    }
  }
}
