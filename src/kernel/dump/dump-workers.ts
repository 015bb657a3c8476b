import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { endThread } from '../worker/end-thread.ts';
import type { DumpCommand, DumpJob, DumpMessage, DumpReport } from './dump-job.ts';

/** `.ts` where Node runs the sources, `.js` when built. */
const THREAD = new URL(`./dump-worker-thread${extname(import.meta.filename)}`, import.meta.url);
/** A pass makes next to no garbage; a summary and a page hold what they are bounded to. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };
const THREADS_MAX = 2;

/** One pass over the table in a thread. */
export interface Dump {
  /** Lets the thread fill this buffer once. */
  give(buffer: ArrayBuffer): void;
  /** Frees the thread of it. Nothing is heard of it afterwards. */
  stop(): void;
}

/** Threads that read the table, each with any number of passes at once. They are started when first needed and stay. */
export class DumpWorkers {
  readonly size = Math.min(THREADS_MAX, availableParallelism());
  private readonly threads: (DumpWorker | undefined)[] = [];

  /** Starts all threads, so that the first dump need not wait for them. */
  start(): void {
    for (let index = 0; index < this.size; index += 1) this.thread(index);
  }

  /** Begins a pass on each of as many threads as there are jobs, the least busy first. Jobs beyond their number share. */
  run(jobs: readonly DumpJob[], hear: (part: number, message: DumpMessage) => void): readonly Dump[] {
    this.start();
    const byLoad = Array.from({ length: this.size }, (_, index) => this.thread(index)).sort((one, other) => one.load - other.load);
    return jobs.map((job, part) => {
      const thread = byLoad[part % this.size] as DumpWorker;
      return thread.run(job, (message) => {
        hear(part, message);
      });
    });
  }

  async close(): Promise<void> {
    for (const thread of this.threads) await thread?.close();
  }

  private thread(index: number): DumpWorker {
    const thread = this.threads[index];
    if (thread?.isAlive === true) return thread;
    return (this.threads[index] = new DumpWorker());
  }
}

class DumpWorker {
  isAlive = true;
  private readonly worker = new Worker(THREAD, { resourceLimits: HEAP });
  private readonly hearers = new Map<number, (message: DumpMessage) => void>();
  private lastDump = 0;

  constructor() {
    this.worker.unref();
    this.worker.on('message', ({ dump, ...message }: DumpReport) => {
      const hear = this.hearers.get(dump);
      if (message.kind !== 'opened' && message.kind !== 'chunk') this.forget(dump);
      hear?.(message);
    });
    this.worker.on('error', (error) => {
      this.die(`the thread failed: ${String(error)}`);
    });
    this.worker.once('exit', () => {
      this.die('the thread ended early');
    });
  }

  /** Passes under way. */
  get load(): number {
    return this.hearers.size;
  }

  run(job: DumpJob, hear: (message: DumpMessage) => void): Dump {
    const dump = (this.lastDump += 1);
    this.hearers.set(dump, hear);
    this.worker.ref();
    this.post({ kind: 'start', dump, job });
    return {
      give: (buffer) => {
        if (this.hearers.has(dump)) this.post({ kind: 'buffer', dump, buffer }, [buffer]);
      },
      stop: () => {
        if (!this.hearers.has(dump)) return;
        this.post({ kind: 'stop', dump });
        this.forget(dump);
      },
    };
  }

  async close(): Promise<void> {
    await endThread(this.worker, () => {
      this.post({ kind: 'end' });
    });
  }

  private post(command: DumpCommand, transfer: readonly ArrayBuffer[] = []): void {
    this.worker.postMessage(command, transfer);
  }

  /** A thread with nothing to do does not keep the process alive. */
  private forget(dump: number): void {
    this.hearers.delete(dump);
    if (this.hearers.size === 0) this.worker.unref();
  }

  private die(reason: string): void {
    this.isAlive = false;
    const hearers = [...this.hearers.values()];
    this.hearers.clear();
    for (const hear of hearers) hear({ kind: 'broken', reason });
  }
}
