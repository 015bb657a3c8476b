import type { SystemFailure } from '../system-failure.ts';
import type { KernelCommand, KernelReply, KernelRequest, KernelRequestOf, KernelResponses } from './kernel-request.ts';
import { ManagedWorker } from './managed-worker.ts';

const SCRIPT = new URL('./kernel-worker-thread', import.meta.url);
const HEAP = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };
const IDLE_MILLISECONDS = 30_000;

/** A request that the kernel refused, or that did not reach it. */
export class KernelRequestRefused extends Error {
  /** The system call or subsystem that refused. */
  readonly what: string;
  readonly failure: SystemFailure;

  constructor(what: string, failure: SystemFailure) {
    super(`${what}: ${failure.message} (${failure.code})`);
    this.what = what;
    this.failure = failure;
  }
}

/** Runs kernel requests off the main thread. Its thread starts with the first request and ends when it has been idle for a while. */
export class KernelWorker {
  private readonly idleMilliseconds: number;
  private current: ManagedWorker<KernelCommand, KernelReply> | undefined;

  constructor(idleMilliseconds = IDLE_MILLISECONDS) {
    this.idleMilliseconds = idleMilliseconds;
  }

  /** Whether the thread is running. */
  get isRunning(): boolean {
    return this.current?.isAlive === true;
  }

  /** @throws KernelRequestRefused; `INTERRUPTED` if the thread ended before it replied. ConntrackError `RESOURCES_EXHAUSTED` */
  async request<Kind extends KernelRequest['kind']>(request: KernelRequestOf<Kind>): Promise<KernelResponses[Kind]> {
    const worker = this.worker();
    return new Promise((resolve, reject) => {
      const channel = worker.open({
        onMessage: (reply) => {
          worker.close(channel);
          if ('response' in reply) resolve(reply.response as KernelResponses[Kind]);
          else reject(new KernelRequestRefused(reply.refusal.what, reply.refusal.failure));
        },
        onFailure: (message) => {
          reject(new KernelRequestRefused('worker', { code: 'INTERRUPTED', message }));
        },
      });
      worker.post({ channel, request });
    });
  }

  async close(): Promise<void> {
    await this.current?.end();
  }

  private worker(): ManagedWorker<KernelCommand, KernelReply> {
    if (this.current?.isAlive === true) return this.current;
    return (this.current = new ManagedWorker(SCRIPT, { heap: HEAP, idleMilliseconds: this.idleMilliseconds }));
  }
}
