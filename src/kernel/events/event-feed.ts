import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EventRequest } from '../../domain/filter/entry-event.ts';
import type { EventLosses } from './event-losses.ts';
import type { EventLimits } from './event-options.ts';
import type { EventCommand, EventMessage, EventReport, EventThreadData } from './event-messages.ts';

/** `.ts` where Node runs the sources, `.js` when built. */
const THREAD = new URL(`./event-worker-thread${extname(import.meta.filename)}`, import.meta.url);
/** Events make next to no garbage; their bytes are not on the heap. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };
const EPOCH_BYTES = 4;

/** One client of a feed. */
export interface Listener {
  /** Gives the buffer of a chunk back, which lets the thread send one more. */
  taken(buffer: ArrayBuffer): void;
  /** Nothing is heard of it afterwards. */
  stop(): void;
}

/** The thread that listens to the kernel, and its clients. Ends some time after the last of them. */
export class EventFeed {
  isAlive = true;
  private readonly worker: Worker;
  private readonly graceMilliseconds: number;
  private readonly hearers = new Map<number, (message: EventMessage) => void>();
  private lastClient = 0;
  private grace: NodeJS.Timeout | undefined;

  /** @param graceMilliseconds how long it goes on without a client, so that one that comes back misses nothing */
  constructor(limits: EventLimits, graceMilliseconds: number, losses: EventLosses, namespacePath: string | undefined) {
    this.graceMilliseconds = graceMilliseconds;
    const epoch = randomBytes(EPOCH_BYTES).toString('hex');
    const workerData: EventThreadData = { ...limits, epoch, losses: losses.memory, ...(namespacePath !== undefined && { namespacePath }) };
    this.worker = new Worker(THREAD, { workerData, resourceLimits: HEAP });
    this.worker.unref();
    this.worker.on('message', ({ client, ...message }: EventReport) => {
      this.hearers.get(client)?.(message);
    });
    this.worker.on('error', (error) => {
      this.die(`listening to the kernel failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.worker.once('exit', () => {
      this.die('the thread ended early');
    });
  }

  get isIdle(): boolean {
    return this.hearers.size === 0;
  }

  listen(request: EventRequest, hear: (message: EventMessage) => void): Listener {
    clearTimeout(this.grace);
    const client = (this.lastClient += 1);
    this.hearers.set(client, hear);
    this.worker.ref();
    this.post({ kind: 'listen', client, request });
    return {
      taken: (buffer) => {
        if (this.hearers.has(client)) this.post({ kind: 'taken', client, buffer }, [buffer]);
      },
      stop: () => {
        if (!this.hearers.delete(client)) return;
        this.post({ kind: 'leave', client });
        if (this.hearers.size === 0) this.endAfterGrace();
      },
    };
  }

  /** Resolves when the thread is gone and its socket closed. */
  async close(): Promise<void> {
    if (!this.isAlive) return;
    this.isAlive = false;
    clearTimeout(this.grace);
    const ended = once(this.worker, 'exit');
    this.post({ kind: 'close' });
    await ended;
  }

  private post(command: EventCommand, transfer: readonly ArrayBuffer[] = []): void {
    this.worker.postMessage(command, transfer);
  }

  /** An idle thread does not keep the process alive. */
  private endAfterGrace(): void {
    this.worker.unref();
    this.grace = setTimeout(() => void this.close(), this.graceMilliseconds).unref();
  }

  private die(reason: string): void {
    this.isAlive = false;
    const hearers = [...this.hearers.values()];
    this.hearers.clear();
    for (const hear of hearers) hear({ kind: 'broken', reason });
  }
}
