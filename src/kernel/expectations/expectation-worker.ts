import { ManagedWorker } from '../worker/managed-worker.ts';
import type { SystemFailure } from '../system-failure.ts';
import type { ExpectationCommand, ExpectationReply, ExpectationRequest, ExpectationResult } from './expectation-messages.ts';

const SCRIPT = new URL('./expectation-worker-thread', import.meta.url);
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };
const IDLE_MILLISECONDS = 30_000;

/** Why the expectations could not be read. */
export interface ExpectationRefusal {
  /** The system call or subsystem that refused. */
  readonly what: string;
  readonly failure: SystemFailure;
}

/** Reads expectations in a separate thread, one pass at a time. The thread ends when it is idle. */
export class ExpectationWorker {
  private current: ManagedWorker<ExpectationCommand, ExpectationReply> | undefined;

  /** @throws ConntrackError `RESOURCES_EXHAUSTED` if the thread cannot be started */
  async read(request: ExpectationRequest): Promise<ExpectationResult | ExpectationRefusal> {
    const worker = this.worker();
    return new Promise((resolve) => {
      const channel = worker.open({
        onMessage: (reply) => {
          worker.close(channel);
          resolve('result' in reply ? reply.result : reply.refusal);
        },
        onFailure: (message) => {
          resolve({ what: 'worker', failure: { code: 'INTERRUPTED', message } });
        },
      });
      worker.post({ channel, request });
    });
  }

  async close(): Promise<void> {
    await this.current?.end();
  }

  private worker(): ManagedWorker<ExpectationCommand, ExpectationReply> {
    if (this.current?.isAlive === true) return this.current;
    return (this.current = new ManagedWorker(SCRIPT, { heap: HEAP, idleMilliseconds: IDLE_MILLISECONDS }));
  }
}
