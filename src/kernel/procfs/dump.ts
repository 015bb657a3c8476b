import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DumpJob, DumpMessage } from './dump-messages.ts';

/** `.ts` where Node runs the sources, `.js` when built. */
const WORKER = new URL(`./dump-worker${extname(import.meta.filename)}`, import.meta.url);
const CHUNKS_IN_FLIGHT = 2;
/** A small young generation: what a dump leaves behind dies at once, and the default would let 50 MB more of it pile up. */
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

/** One thread that reads the table once. Its messages are taken one at a time, by one taker. */
export class Dump {
  /** Settles when the thread is gone and its file closed. */
  readonly ended: Promise<void>;
  private readonly worker: Worker;
  private readonly credits = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(CHUNKS_IN_FLIGHT);
  private readonly arrived: DumpMessage[] = [];
  private wake: () => void = () => undefined;

  constructor(job: Omit<DumpJob, 'credits'>) {
    const workerData: DumpJob = { ...job, credits: this.credits };
    this.worker = new Worker(WORKER, {
      workerData,
      resourceLimits: HEAP,
    });
    this.worker.on('message', (message: DumpMessage) => {
      this.arrive(message);
    });
    this.worker.on('error', (error) => {
      this.arrive({ kind: 'broken', reason: `the dump's thread failed: ${String(error)}` });
    });
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.arrive({ kind: 'broken', reason: "the dump's thread ended early" });
        resolve();
      });
    });
  }

  /** The next message; after the last one, `broken` for ever. */
  async take(): Promise<DumpMessage> {
    for (;;) {
      const message = this.arrived[0]?.kind === 'broken' ? this.arrived[0] : this.arrived.shift();
      if (message) return message;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Lets the thread send one chunk more. */
  grant(): void {
    Atomics.add(this.credits, 0, 1);
    Atomics.notify(this.credits, 0);
  }

  /** Ends the thread wherever it is. */
  async stop(reason: string): Promise<void> {
    this.arrive({ kind: 'broken', reason });
    await this.worker.terminate();
  }

  private arrive(message: DumpMessage): void {
    this.arrived.push(message);
    this.wake();
  }
}
