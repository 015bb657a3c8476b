import { randomBytes } from 'node:crypto';
import type { EventRequest } from '../../domain/filter/entry-event.ts';
import type { NamespacePlace } from '../named-namespaces.ts';
import { ManagedWorker } from '../worker/managed-worker.ts';
import type { EventLosses } from './event-losses.ts';
import type { EventCommand, EventMessage, EventReport, EventWorkerData } from './event-messages.ts';
import type { EventLimits } from './event-options.ts';

const SCRIPT = new URL('./event-worker-thread', import.meta.url);
/** Events create almost no garbage; their bytes are not on the heap. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };
const EPOCH_BYTES = 4;

/** One client of a feed. */
export interface Subscription {
  /** Returns the buffer of a chunk, so that the worker can send another. */
  taken(buffer: ArrayBuffer): void;
  /** No message follows. */
  stop(): void;
}

interface Listener {
  /** The name of the namespace that the client requested. */
  readonly name: string | undefined;
  onMessage(message: EventMessage): void;
}

/** The worker that listens to the events of one network namespace, and its clients. Ends some time after its last client has left. */
export class EventFeed {
  /** Of the namespace; `undefined` for that of the service. */
  readonly identity: string | undefined;
  private readonly names = new Set<string>();
  private readonly listeners = new Set<Listener>();
  private readonly worker: ManagedWorker<EventCommand, EventReport>;

  /**
   * @param place absent: the namespace of the service
   * @param graceMilliseconds how long it keeps listening without a client, so that a client that reconnects misses nothing
   */
  constructor(limits: EventLimits, graceMilliseconds: number, losses: EventLosses, place: NamespacePlace | undefined) {
    this.identity = place?.identity;
    const epoch = randomBytes(EPOCH_BYTES).toString('hex');
    const namespace = place && { namespacePath: place.path, namespaceIdentity: place.identity };
    const data: EventWorkerData = { ...limits, epoch, losses: losses.memory, ...namespace };
    this.worker = new ManagedWorker(SCRIPT, { heap: HEAP, data, idleMilliseconds: graceMilliseconds });
  }

  get isAlive(): boolean {
    return this.worker.isAlive;
  }

  get isIdle(): boolean {
    return this.worker.openChannels === 0;
  }

  /** The names by which clients have requested the namespace, and by which it can still be found. */
  get currentNames(): readonly string[] {
    return [...this.names];
  }

  addName(name: string): void {
    this.names.add(name);
  }

  /** The namespace no longer has this name: ends the streams of the clients that requested it so. */
  loseName(name: string, reason: string): void {
    this.names.delete(name);
    for (const listener of [...this.listeners]) if (listener.name === name) listener.onMessage({ kind: 'lost', reason });
  }

  subscribe(request: EventRequest, onMessage: (message: EventMessage) => void): Subscription {
    const { worker, listeners } = this;
    const listener: Listener = { name: request.namespace, onMessage };
    listeners.add(listener);
    const channel = worker.open({
      onMessage,
      onFailure: (reason) => {
        onMessage({ kind: 'broken', reason });
      },
    });
    worker.post({ kind: 'listen', channel, request });
    return {
      taken: (buffer) => {
        if (worker.isOpen(channel)) worker.post({ kind: 'taken', channel, buffer }, [buffer]);
      },
      stop: () => {
        listeners.delete(listener);
        if (!worker.isOpen(channel)) return;
        worker.post({ kind: 'leave', channel });
        worker.close(channel);
      },
    };
  }

  /** Settles when the worker has exited and its socket is closed. */
  close(): Promise<void> {
    return this.worker.end();
  }
}
