import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { EVERY_ENTRY, NDJSON } from './paths.ts';
import type { Service } from './service.ts';

/** A client that reads the whole table as fast as its rate limit allows, and discards it. */
export class Reader {
  /** Settles when the client has read everything, was refused, or was stopped. */
  readonly ended: Promise<unknown>;
  /** Status of the response, once it has arrived. */
  status: number | undefined;
  private readonly process: ChildProcess;

  /** @param rate limit in the format of curl's --limit-rate: `100k`, `1M` */
  constructor(service: Service, rate?: string) {
    const limit = rate === undefined ? [] : ['--limit-rate', rate];
    const options = ['--header', `Accept: ${NDJSON}`, '--dump-header', '-', '--output', '/dev/null', ...limit];
    const [program, ...args] = service.curl(EVERY_ENTRY, ...options);
    this.process = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.process.stdout?.on('data', (chunk: Buffer) => (this.status ??= Number(/^HTTP\/\S+ (\d+)/.exec(chunk.toString())?.[1])));
    this.ended = once(this.process, 'close');
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  async stop(): Promise<void> {
    this.process.kill();
    await this.ended;
  }
}
