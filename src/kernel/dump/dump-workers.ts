import { availableParallelism } from 'node:os';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { ManagedWorker } from '../worker/managed-worker.ts';
import type { DumpCommand, DumpJob, DumpMessage, DumpReport } from './dump-job.ts';

const SCRIPT = new URL('./dump-worker-thread', import.meta.url);
/** A pass creates almost no garbage. The heap holds summaries and pages, whose size is bounded. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };
const WORKERS_MAX = 2;

/** One pass over the table in a worker. */
export interface Dump {
  /** Allows the worker to fill this buffer once. */
  give(buffer: ArrayBuffer): void;
  /** Ends the pass. No message of it follows. */
  stop(): void;
}

type DumpWorker = ManagedWorker<DumpCommand, DumpReport>;

/** Workers that read the table, each with any number of passes at once. They start when first needed and stay until `close`. */
export class DumpWorkers {
  readonly size = Math.min(WORKERS_MAX, availableParallelism());
  private readonly workers: (DumpWorker | undefined)[] = [];

  /** Starts all workers, so that the first dump does not wait for them. A worker that cannot be started now is started when it is needed. */
  start(): void {
    try {
      this.available();
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
    }
  }

  /**
   * Starts a pass for each job, on the least busy workers first. If there are more jobs than workers, workers share them.
   *
   * @throws ConntrackError `RESOURCES_EXHAUSTED` if no worker can be started
   */
  run(jobs: readonly DumpJob[], onMessage: (part: number, message: DumpMessage) => void): readonly Dump[] {
    const byLoad = this.available().sort((one, other) => one.openChannels - other.openChannels);
    return jobs.map((job, part) =>
      startDump(byLoad[part % byLoad.length] as DumpWorker, job, (message) => {
        onMessage(part, message);
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker?.end() ?? Promise.resolve()));
  }

  /** All workers, or those that can be started. At least one. */
  private available(): DumpWorker[] {
    const available: DumpWorker[] = [];
    for (let index = 0; index < this.size; index += 1) {
      try {
        available.push(this.worker(index));
      } catch (error) {
        if (!(error instanceof ConntrackError) || (index === this.size - 1 && available.length === 0)) throw error;
      }
    }
    return available;
  }

  private worker(index: number): DumpWorker {
    const worker = this.workers[index];
    if (worker?.isAlive === true) return worker;
    return (this.workers[index] = new ManagedWorker(SCRIPT, { heap: HEAP }));
  }
}

function startDump(worker: DumpWorker, job: DumpJob, onMessage: (message: DumpMessage) => void): Dump {
  const channel = worker.open({
    onMessage: (message) => {
      if (message.kind !== 'opened' && message.kind !== 'chunk') worker.close(channel);
      onMessage(message);
    },
    onFailure: (reason) => {
      onMessage({ kind: 'broken', reason });
    },
  });
  worker.post({ kind: 'start', channel, job });
  return {
    give: (buffer) => {
      if (worker.isOpen(channel)) worker.post({ kind: 'buffer', channel, buffer }, [buffer]);
    },
    stop: () => {
      if (!worker.isOpen(channel)) return;
      worker.post({ kind: 'stop', channel });
      worker.close(channel);
    },
  };
}
