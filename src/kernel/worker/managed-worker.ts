import { extname } from 'node:path';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { requireDescriptors } from '../descriptors.ts';
import { expectUse } from '../memory/expected-use.ts';
import { requireMemory } from '../memory/require-memory.ts';
import { keepYoungGenerationSmall } from '../memory/young-generation.ts';
import { workerNotStarted } from './worker-not-started.ts';
import { END } from './worker-port.ts';

/** A worker that is blocked in a system call reads no message until the call returns. */
const END_TIMEOUT_MILLISECONDS = 5_000;

/** Of a worker that has loaded its modules and has served a request. */
const WORKER_BYTES = 16 * 1_048_576;
const STARTS_WITHIN_MILLISECONDS = 2_000;
/** Of its event loop. */
const WORKER_DESCRIPTORS = 5;

export interface WorkerOptions {
  readonly heap: ResourceLimits;
  /** `workerData` of the worker. */
  readonly data?: unknown;
  /** The worker ends after this long without an open channel. Absent: it stays until `end`. */
  readonly idleMilliseconds?: number;
  /** How long `end` waits before it terminates the worker. */
  readonly endTimeoutMilliseconds?: number;
}

export interface ChannelListener<Message> {
  onMessage(message: Message): void;
  /** Called at most once: the worker failed or exited while the channel was open. The channel is closed. */
  onFailure(reason: string): void;
}

/**
 * A worker thread that serves numbered channels: commands go to it, messages come back to the listener of their channel. A worker without
 * an open channel does not keep the process alive.
 */
export class ManagedWorker<Command, Message extends { readonly channel: number }> {
  private readonly options: WorkerOptions;
  private readonly worker: Worker;
  private readonly exited: Promise<void>;
  private readonly channels = new Map<number, ChannelListener<Message>>();
  private lastChannel = 0;
  private idleTimer: NodeJS.Timeout | undefined;
  private hasExited = false;
  private hasFailed = false;
  private ending: Promise<void> | undefined;

  /**
   * @param script without its extension, which is `.ts` where Node runs the sources and `.js` in a build
   * @throws ConntrackError `RESOURCES_EXHAUSTED` if the thread cannot be created, or if its memory or its file descriptors could
   *   exceed a limit of the process. A later attempt may succeed.
   */
  constructor(script: URL, options: WorkerOptions) {
    this.options = options;
    this.worker = startWorker(new URL(script.href + extname(import.meta.filename)), options);
    this.worker.unref();
    this.worker.once('online', keepYoungGenerationSmall);
    this.worker.on('message', (message: Message) => {
      this.channels.get(message.channel)?.onMessage(message);
    });
    this.worker.on('error', (error) => {
      this.fail(`the worker thread failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.hasExited = true;
        this.fail('the worker thread exited early');
        resolve();
      });
    });
  }

  /** Whether channels can be opened. */
  get isAlive(): boolean {
    return !this.hasFailed && this.ending === undefined;
  }

  get openChannels(): number {
    return this.channels.size;
  }

  /** Returns the number of the channel. Only while `isAlive`. */
  open(listener: ChannelListener<Message>): number {
    if (!this.isAlive) throw new Error('expected a live worker thread, found one that has ended');
    clearTimeout(this.idleTimer);
    const channel = (this.lastChannel += 1);
    this.channels.set(channel, listener);
    this.worker.ref();
    return channel;
  }

  isOpen(channel: number): boolean {
    return this.channels.has(channel);
  }

  /** Later messages of this channel are dropped. */
  close(channel: number): void {
    if (this.channels.delete(channel) && this.channels.size === 0 && this.isAlive) this.becomeIdle();
  }

  post(command: Command, transfer: readonly ArrayBuffer[] = []): void {
    this.worker.postMessage(command, transfer);
  }

  /**
   * Settles when the thread has exited. The worker exits by itself, after it has loaded its modules: terminating it while it loads native
   * code (koffi) crashes the process, and terminating it later leaks its descriptors. It is terminated only if it does not respond in time.
   */
  end(): Promise<void> {
    return (this.ending ??= this.stop());
  }

  private async stop(): Promise<void> {
    clearTimeout(this.idleTimer);
    if (this.hasExited) return;
    this.worker.ref();
    this.worker.postMessage(END);
    const timeout = setTimeout(
      () => void this.worker.terminate().catch(() => undefined),
      this.options.endTimeoutMilliseconds ?? END_TIMEOUT_MILLISECONDS,
    );
    await this.exited;
    clearTimeout(timeout);
  }

  private becomeIdle(): void {
    this.worker.unref();
    const { idleMilliseconds } = this.options;
    if (idleMilliseconds !== undefined) this.idleTimer = setTimeout(() => void this.end(), idleMilliseconds).unref();
  }

  private fail(reason: string): void {
    this.hasFailed = true;
    clearTimeout(this.idleTimer);
    const listeners = [...this.channels.values()];
    this.channels.clear();
    for (const listener of listeners) listener.onFailure(reason);
  }
}

/** At the limit on memory, the kernel would kill the whole process. */
function startWorker(script: URL, { data, heap }: WorkerOptions): Worker {
  requireMemory('A worker thread', WORKER_BYTES, 'End other requests.');
  requireDescriptors('a worker thread', WORKER_DESCRIPTORS);
  try {
    const worker = new Worker(script, { workerData: data, resourceLimits: heap });
    expectUse(WORKER_BYTES, STARTS_WITHIN_MILLISECONDS);
    return worker;
  } catch (error) {
    throw workerNotStarted(error);
  }
}
