import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../kernel/support/run.ts';
import { watchFor, type Call, type Watch } from './calls.ts';
import { readHost, restoreHost, type HostState } from './host.ts';
import type { Row } from './judge.ts';
import type { Act, Beginning, Client, Scenario } from './scenarios.ts';
import { startBeforeDue } from './running-out.ts';
import { Service, type Answer } from './service.ts';
import { Tracer } from './tracer.ts';

interface Page {
  readonly items: readonly Row[];
}

interface Waiting {
  readonly items: readonly { readonly confirmBy: string }[];
}

/** Sets up a scenario once and restores its initial state any number of times. */
export class Stage {
  readonly scenario: Scenario;
  readonly watch: Watch;
  readonly log: string;
  private readonly product: string;
  readonly dataDir: string;
  /** A copy of the initial data directory. */
  readonly template: string;
  private token = '';
  private beginning: Beginning | undefined;
  /** When the confirmation window expires, in milliseconds since the epoch; 0 without one. */
  private dueAt = 0;
  /** Seconds that the service's boot clock is ahead of the host's. */
  private forward = 0;

  /** @param directory from `furnish` */
  constructor(scenario: Scenario, product: string, directory: string) {
    this.scenario = scenario;
    this.product = product;
    this.dataDir = join(directory, 'data');
    this.template = join(directory, 'template');
    this.log = join(directory, 'strace.log');
    this.watch = watchFor(this.dataDir, scenario.settings);
  }

  async prepare(): Promise<Beginning> {
    const { prepare, fresh } = this.scenario;
    const origin = readHost();
    let settledChanges = 0;
    if (!fresh) {
      await mkdir(this.dataDir, { mode: 0o700 });
      this.token = await this.createToken();
      if (prepare) settledChanges = await this.runPrepare(prepare);
      await cp(this.dataDir, this.template, { recursive: true });
    }
    const host = readHost();
    this.beginning = { host, origin: settledChanges > 0 ? host : origin, settledChanges };
    return this.beginning;
  }

  /** The service in the initial state: ready, or held before its first line if the start is the scenario. */
  async begin(): Promise<Service> {
    if (!this.beginning) throw new Error('Call prepare() first.');
    if (this.scenario.runsOut) return this.startBeforeDue();
    await this.restoreData();
    return this.scenario.act ? this.start() : Service.launchHeld(this.product, this.dataDir);
  }

  private startBeforeDue(): Promise<Service> {
    return startBeforeDue(this.dueAt, async (forward) => {
      this.forward = forward;
      await this.restoreData();
      return this.start();
    });
  }

  private async restoreData(): Promise<void> {
    if (this.beginning) restoreHost(this.beginning.host);
    await rm(this.dataDir, { recursive: true, force: true });
    if (!this.scenario.fresh) await cp(this.template, this.dataDir, { recursive: true });
  }

  /** Runs the scenario to its end. Rejects if the service ends or is killed meanwhile. */
  async act(service: Service): Promise<void> {
    if (this.scenario.act) await this.scenario.act(this.client(service));
    else {
      service.release();
      await service.untilReady();
    }
  }

  /** Runs the scenario and returns its response, including errors. If the start is the scenario, returns the response of /readyz. */
  async tryAct(service: Service): Promise<Answer | undefined> {
    if (this.scenario.act) return this.scenario.act(this.client(service));
    service.release();
    await service.untilServing();
    return service.request('GET', '/readyz');
  }

  /** Runs the scenario. @throws Error for an error response */
  async actUndisturbed(service: Service): Promise<void> {
    requireDone(await this.tryAct(service));
  }

  /** Starts the service on the current data. */
  launch(): Service {
    return Service.launch(this.product, this.dataDir, this.forward);
  }

  /** Starts an undisturbed service and waits until it is ready. */
  async start(): Promise<Service> {
    const service = this.launch();
    await service.untilReady();
    return service;
  }

  async ask(service: Service, method: string, path: string, body?: unknown): Promise<Answer> {
    return service.request(method, path, await this.currentToken(), body);
  }

  /** All changes, oldest first. */
  async rows(service: Service): Promise<readonly Row[]> {
    const { status, text } = await this.ask(service, 'GET', '/api/v1/changes?limit=100');
    if (status !== 200) throw new Error(`The changes cannot be listed: ${status} ${text}`);
    return (JSON.parse(text) as Page).items.toReversed();
  }

  /** @throws Error if the chain is broken */
  async verifyChain(service: Service): Promise<void> {
    const { status, text } = await this.ask(service, 'GET', '/api/v1/changes/verify');
    if (status !== 200 || 'broken' in (JSON.parse(text) as object)) throw new Error(`The chain does not verify: ${status} ${text}`);
  }

  private async runPrepare(prepare: Act): Promise<number> {
    const service = await this.start();
    requireDone(await prepare(this.client(service)));
    if (!(await isAlive(service))) return 0;
    const { length } = await this.rows(service);
    if (this.scenario.runsOut) this.dueAt = await this.confirmBy(service);
    await service.kill();
    return length;
  }

  private async confirmBy(service: Service): Promise<number> {
    const { text } = await this.ask(service, 'GET', '/api/v1/changes/awaiting-confirmation');
    const [waiting] = (JSON.parse(text) as Waiting).items;
    if (!waiting) throw new Error(`${this.scenario.name}: no change awaits confirmation.`);
    return Date.parse(waiting.confirmBy);
  }

  private client(service: Service): Client {
    return {
      service,
      ask: (method, path, body) => this.ask(service, method, path, body),
      crash: (act, choose) => this.crash(service, act, choose),
    };
  }

  /** Records `act` on the first service, restores everything and kills a second service during it. */
  private async crash(service: Service, act: Act, choose: (calls: readonly Call[]) => Call | undefined): Promise<undefined> {
    const before: HostState = readHost();
    const copy = `${this.dataDir}.before`;
    await cp(this.dataDir, copy, { recursive: true });
    const recorder = await Tracer.record(service, this.log);
    requireDone(await act(this.client(service)));
    const call = choose(await recorder.calls(this.watch));
    await service.kill();
    if (!call) throw new Error(`${this.scenario.name}: the call to crash at was not found.`);
    restoreHost(before);
    await rm(this.dataDir, { recursive: true });
    await cp(copy, this.dataDir, { recursive: true });
    const second = await this.start();
    await Tracer.inject(second, call, 'signal=KILL', this.log);
    await act(this.client(second)).catch(() => undefined);
    const { signal } = await second.ended;
    if (signal !== 'SIGKILL') throw new Error(`${this.scenario.name}: the crash to recover from did not happen.`);
    return undefined;
  }

  /** Creates a token if the scenario started a new journal. */
  private async currentToken(): Promise<string> {
    return this.token === '' ? this.createToken() : this.token;
  }

  private async createToken(): Promise<string> {
    return (await this.commandLine('token', 'create', '--name', 'reliability', '--scope', 'all')).trim();
  }

  /** Returns the output. @throws Error if the command fails */
  commandLine(...args: readonly string[]): Promise<string> {
    return run(process.execPath, [join(this.product, 'dist/main.js'), ...args, '--data-dir', this.dataDir]);
  }
}

function requireDone(answer: Answer | undefined): void {
  if (answer && (answer.status < 200 || answer.status > 299)) throw new Error(`Expected success, found ${answer.status}: ${answer.text}`);
}

function isAlive(service: Service): Promise<boolean> {
  return Promise.race([service.ended.then(() => false), service.request('GET', '/healthz').then(() => true)]);
}
