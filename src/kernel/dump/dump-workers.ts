import { availableParallelism } from 'node:os';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { buffersOf, type CountedPart } from '../entries/summary/summary-builder.ts';
import { ManagedWorker } from '../worker/managed-worker.ts';
import type { DumpCommand, DumpJob, DumpMessage, DumpReport } from './dump-job.ts';

const SCRIPT = new URL('./dump-worker-thread', import.meta.url);
/** A pass creates almost no garbage. The heap holds summaries and pages, whose size is bounded. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };
const WORKERS_MAX = 2;
const IDLE_MILLISECONDS = 60_000;

/** One pass over the table in a worker. */
export interface Dump {
  /** Allows the worker to fill this buffer once. */
  give(buffer: ArrayBuffer): void;
  /** Sends what was counted in another part. Present if the worker waits for it. */
  addPart?(part: CountedPart): void;
  /** Ends the pass. No message of it follows. */
  stop(): void;
}

type DumpWorker = ManagedWorker<DumpCommand, DumpReport>;

/** Workers that read the table, each with any number of passes at once. They start when needed, and end after a quiet minute. */
export class DumpWorkers {
  readonly size = Math.min(WORKERS_MAX, availableParallelism());
  private readonly idleMilliseconds: number;
  private workers: readonly DumpWorker[] = [];

  constructor(idleMilliseconds = IDLE_MILLISECONDS) {
    this.idleMilliseconds = idleMilliseconds;
  }

  /** How many threads are running. */
  get running(): number {
    return this.workers.filter((worker) => worker.isAlive).length;
  }

  /**
   * Starts a pass for each job, on the least busy workers first. If there are more jobs than workers, workers share them.
   *
   * @throws ConntrackError `RESOURCES_EXHAUSTED` if no worker can be started
   */
  run(jobs: readonly DumpJob[], onMessage: (part: number, message: DumpMessage) => void): readonly Dump[] {
    const byLoad = this.available(jobs.length);
    return jobs.map((job, part) =>
      startDump(byLoad[part % byLoad.length] as DumpWorker, job, (message) => {
        onMessage(part, message);
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end()));
  }

  /** The least busy first. Starts workers until so many have no pass, as far as that is possible. At least one worker. */
  private available(idle: number): readonly DumpWorker[] {
    this.workers = this.workers.filter((worker) => worker.isAlive);
    const busy = this.workers.filter((worker) => worker.openChannels > 0).length;
    while (this.workers.length < Math.min(busy + idle, this.size)) {
      try {
        this.workers = [...this.workers, new ManagedWorker(SCRIPT, { heap: HEAP, idleMilliseconds: this.idleMilliseconds })];
      } catch (error) {
        if (!(error instanceof ConntrackError) || this.workers.length === 0) throw error;
        break;
      }
    }
    return this.workers.toSorted((one, other) => one.openChannels - other.openChannels);
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
  const { output } = job;
  return {
    give: (buffer) => {
      if (worker.isOpen(channel)) worker.post({ kind: 'buffer', channel, buffer }, [buffer]);
    },
    ...(output.kind === 'summary' &&
      output.part === 0 && {
        addPart: (part) => {
          if (worker.isOpen(channel)) worker.post({ kind: 'part', channel, part }, buffersOf(part));
        },
      }),
    stop: () => {
      if (!worker.isOpen(channel)) return;
      worker.post({ kind: 'stop', channel });
      worker.close(channel);
    },
  };
}
