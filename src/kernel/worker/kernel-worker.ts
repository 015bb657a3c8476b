import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { endThread } from './end-thread.ts';
import type { SystemFailure } from '../system-failure.ts';
import type { Answers, Asked, Question, QuestionOf, Reply } from './kernel-request.ts';

/** `.ts` where Node runs the sources, `.js` when built. */
const THREAD = new URL(`./kernel-worker-thread${extname(import.meta.filename)}`, import.meta.url);
const HEAP = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };
const IDLE_MILLISECONDS = 30_000;

/** A question that the kernel did not answer. */
export class KernelRequestRefused extends Error {
  readonly what: string;
  readonly failure: SystemFailure;

  constructor(what: string, failure: SystemFailure) {
    super(`${what}: ${failure.message} (${failure.code})`);
    this.what = what;
    this.failure = failure;
  }
}

/** A thread that asks the kernel what must not be asked on the main thread. Started when first needed, ended when nobody asks any more. */
export class KernelWorker {
  private readonly idleMilliseconds: number;
  private current: WorkerConnection | undefined;
  private idle: NodeJS.Timeout | undefined;

  constructor(idleMilliseconds = IDLE_MILLISECONDS) {
    this.idleMilliseconds = idleMilliseconds;
  }

  /** Whether there is a thread now. */
  get isRunning(): boolean {
    return this.current?.isAlive === true;
  }

  /** @throws KernelRequestRefused; `INTERRUPTED` where the thread ended before it answered */
  async ask<Kind extends Question['kind']>(question: QuestionOf<Kind>): Promise<Answers[Kind]> {
    clearTimeout(this.idle);
    const thread = this.isRunning && this.current ? this.current : (this.current = new WorkerConnection());
    try {
      return (await thread.ask(question)) as Answers[Kind];
    } finally {
      if (thread.isIdle) this.endWhenIdle();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    const thread = this.current;
    this.current = undefined;
    await thread?.end();
  }

  private endWhenIdle(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.close(), this.idleMilliseconds).unref();
  }
}

interface PendingRequest {
  readonly resolve: (answer: Answers[Question['kind']]) => void;
  readonly reject: (error: Error) => void;
}

class WorkerConnection {
  isAlive = true;
  private readonly worker = new Worker(THREAD, { resourceLimits: HEAP });
  private readonly askers = new Map<number, PendingRequest>();
  private lastNumber = 0;

  constructor() {
    this.worker.unref();
    this.worker.on('message', (reply: Reply) => {
      const asker = this.askers.get(reply.number);
      this.askers.delete(reply.number);
      if (this.isIdle) this.worker.unref();
      if ('answer' in reply) asker?.resolve(reply.answer);
      else asker?.reject(new KernelRequestRefused(reply.refusal.what, reply.refusal.failure));
    });
    this.worker.on('error', (error) => {
      this.die(error instanceof Error ? error.message : String(error));
    });
    this.worker.once('exit', () => {
      this.die('it ended early');
    });
  }

  get isIdle(): boolean {
    return this.askers.size === 0;
  }

  ask(question: Question): Promise<Answers[Question['kind']]> {
    const number = (this.lastNumber += 1);
    this.worker.ref();
    return new Promise((resolve, reject) => {
      this.askers.set(number, { resolve, reject });
      this.worker.postMessage({ number, question } satisfies Asked);
    });
  }

  async end(): Promise<void> {
    await endThread(this.worker, () => {
      this.worker.postMessage('end' satisfies Asked);
    });
  }

  private die(message: string): void {
    this.isAlive = false;
    const askers = [...this.askers.values()];
    this.askers.clear();
    for (const { reject } of askers) reject(new KernelRequestRefused('the thread that asks the kernel', { code: 'INTERRUPTED', message }));
  }
}
