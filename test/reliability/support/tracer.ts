import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRandom, parseCalls, type Call, type Watch } from './calls.ts';
import { THREADS, type Service, type Thread } from './service.ts';

/** In the syntax of strace. */
export type Effect = 'signal=KILL' | `error=${string}` | `retval=${number}`;

/** A tracer attached to a running service. */
export class Tracer {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private readonly log: string;
  private readonly threads: ReadonlyMap<number, Thread>;

  private constructor(child: ChildProcess, log: string, service: Service) {
    this.child = child;
    this.ended = once(child, 'exit');
    this.log = log;
    this.threads = new Map(THREADS.map((thread) => [service.threadId(thread), thread]));
  }

  /** Records the calls of all threads. */
  static record(service: Service, log: string): Promise<Tracer> {
    return Tracer.attach(service, ['-f', '-p', String(service.pid), '-e', 'trace=%file,%desc'], log);
  }

  /** Injects `effect` into the call, and with `onwards` also into every later matching call of the thread. */
  static inject(service: Service, call: Call, effect: Effect, log: string, onwards = false): Promise<Tracer> {
    const { thread, syscall, target, ordinal } = call;
    const injection = `inject=${syscall}:${effect}:when=${ordinal}${onwards ? '+' : ''}`;
    const where = isRandom(call) ? [] : ['-P', target];
    return Tracer.attach(service, ['-p', String(service.threadId(thread)), ...where, '-e', `trace=${syscall}`, '-e', injection], log);
  }

  private static async attach(service: Service, args: readonly string[], log: string): Promise<Tracer> {
    const child = spawn('strace', ['-y', '-s', '0', '-e', 'signal=none', '-o', log, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const tracer = new Tracer(child, log, service);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes(' attached')) {
      if (child.exitCode !== null) throw new Error(`strace ${args.join(' ')}: ${said}`);
      await sleep(2);
    }
    return tracer;
  }

  /** Detaches from the service, which continues. */
  async detach(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
  }

  /** The calls that a recording tracer saw. */
  async calls(watch: Watch): Promise<Call[]> {
    await this.detach();
    return parseCalls(await readFile(this.log, 'utf8'), watch, (tid) => this.threads.get(tid));
  }

  /** The last watched call that an injecting tracer saw: if the service was killed, the call with the effect. */
  async lastCall({ thread }: Call, watch: Watch): Promise<Call | undefined> {
    await this.ended;
    return parseCalls(await readFile(this.log, 'utf8'), watch, () => thread).at(-1);
  }

  /** The first call with an injected result, if it is watched. Call it only after the tracer has ended. */
  async firstInjected({ thread }: Call, watch: Watch): Promise<Call | undefined> {
    const lines = (await readFile(this.log, 'utf8')).split('\n');
    return parseCalls(lines.find((line) => line.endsWith('(INJECTED)')) ?? '', watch, () => thread)[0];
  }
}
