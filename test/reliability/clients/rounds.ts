import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../kernel/support/run.ts';
import { Service } from '../support/service.ts';
import { Check, unconfirmedLeft, type Problems } from './check.ts';
import { Client, NAMESPACE, newDeeds, WINDOW_SECONDS, type Deeds, type Recorded } from './client.ts';
import { Random } from './random.ts';

export interface RoundsResult {
  readonly kills: number;
  readonly requests: number;
  /** By kind. */
  readonly acknowledged: Readonly<Record<string, number>>;
  readonly restarts: { readonly failed: readonly string[]; readonly recovered: number };
  readonly lost: readonly string[];
  readonly unexplained: readonly string[];
  readonly overdue: readonly string[];
  readonly wrong: readonly string[];
}

const CLIENTS = 8;
/** The service is killed after a random number of responses and a random pause: independent of the speed of the machine. */
const RESPONSES = 150;
const PAUSE_MILLISECONDS = 20;
const LIFE_MILLISECONDS = 60_000;
/** Created in each namespace at the beginning and after this many kills, and more than the clients delete meanwhile. */
const ENTRIES = 300;
const KILLS_PER_REFILL = 10;
const FACTORY = join(import.meta.dirname, '../../support/entry-factory-process.ts');

/** Kills and restarts one service over one journal. Runs in namespaces of its own: see `furnish`. */
export class Rounds {
  private readonly launch: () => Service;
  private readonly token: string;
  private readonly random: Random;
  private readonly check = Check.begin();
  private requested = 0;
  private created = 0;
  private readonly acknowledged: Record<string, number> = {};
  private readonly failed: string[] = [];
  private readonly found = { lost: [] as string[], unexplained: [] as string[], overdue: [] as string[], wrong: [] as string[] };
  private requests = 0;

  private constructor(launch: () => Service, token: string, seed: number) {
    this.launch = launch;
    this.token = token;
    this.random = new Random(seed);
  }

  static async prepare(product: string, dataDir: string, seed: number): Promise<Rounds> {
    // Named namespaces are files below /run.
    await run('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'reliability-run', '/run']);
    await run('ip', ['netns', 'add', NAMESPACE]);
    const create = ['token', 'create', '--name', 'clients', '--scope', 'all', '--data-dir', dataDir];
    const token = (await run(process.execPath, [join(product, 'dist/main.js'), ...create])).trim();
    return new Rounds(() => Service.launchPlain(product, dataDir, ['--namespaces']), token, seed);
  }

  async run(kills: number): Promise<RoundsResult> {
    let service = await this.start(newDeeds());
    for (let kill = 0; kill < kills && service; kill += 1) {
      if (kill % KILLS_PER_REFILL === 0) await this.createEntries();
      const deeds = await this.killBesideClients(service);
      service = await this.start(deeds);
      const problems = Object.values(this.found).reduce((sum, list) => sum + list.length, this.failed.length);
      process.stderr.write(
        `kill ${kill + 1} of ${kills}: ${deeds.requests} requests, ${deeds.acknowledged.length} changes, ${problems} problems so far\n`,
      );
    }
    const recovered = service ? await this.end(service) : 0;
    const { acknowledged, requests, failed, found } = this;
    return { kills, requests, acknowledged, restarts: { failed, recovered }, ...found };
  }

  /** Starts the service and compares. `undefined` if it does not start or the journal cannot be read. */
  private async start(deeds: Deeds): Promise<Service | undefined> {
    const service = this.launch();
    try {
      await service.untilReady();
      this.add(await this.check.run(service, this.token, deeds), deeds);
      return service;
    } catch (error) {
      this.failed.push(`${String(error)}\n${service.output()}\n${await processState(service)}`);
      await service.kill();
      return undefined;
    }
  }

  private add({ lost, unexplained, overdue }: Problems, { acknowledged, wrong, requests }: Deeds): void {
    this.found.lost.push(...lost);
    this.found.unexplained.push(...unexplained);
    this.found.overdue.push(...overdue);
    this.found.wrong.push(...wrong);
    this.requests += requests;
    for (const { kind } of acknowledged) this.acknowledged[kind] = (this.acknowledged[kind] ?? 0) + 1;
  }

  private async killBesideClients(service: Service): Promise<Deeds> {
    const deeds = newDeeds();
    let isKilled = false;
    const clients = Array.from({ length: CLIENTS }, () => {
      const random = new Random(this.random.below(2 ** 32));
      return new Client(service, this.token, random, deeds, () => `request ${(this.requested += 1)}`).run(() => isKilled);
    });
    const [responses, deadline] = [this.random.below(RESPONSES), Date.now() + LIFE_MILLISECONDS];
    while (deeds.requests < responses && Date.now() < deadline) await sleep(1);
    await sleep(this.random.below(PAUSE_MILLISECONDS));
    isKilled = true;
    await service.kill();
    await Promise.all(clients);
    return deeds;
  }

  /** Waits until every window has ended, compares once more, and stops the service. Returns the number of recovered changes. */
  private async end(service: Service): Promise<number> {
    await sleep((WINDOW_SECONDS + 3) * 1_000);
    this.add(await this.check.run(service, this.token, newDeeds()), newDeeds());
    const rows: Recorded[] = [];
    for (let cursor = ''; ;) {
      const { text } = await service.request('GET', `/api/v1/changes?limit=1000${cursor}`, this.token);
      const page = JSON.parse(text) as { readonly items: readonly Recorded[]; readonly nextCursor?: string };
      rows.unshift(...page.items.toReversed());
      if (page.nextCursor === undefined) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    this.found.overdue.push(...unconfirmedLeft(rows));
    await service.kill();
    return rows.filter(({ outcome }) => outcome.startsWith('recovered-') || outcome === 'diverged').length;
  }

  /** Numbered on, so that no deleted entry is created again. */
  private async createEntries(): Promise<void> {
    const create = [process.execPath, FACTORY, 'create', '--count', String(ENTRIES), '--first', String(this.created)];
    for (const prefix of [[], ['ip', 'netns', 'exec', NAMESPACE]]) {
      const [program = '', ...args] = [...prefix, ...create];
      await run(program, args);
    }
    this.created += ENTRIES;
  }
}

/** Tells a service that waits from one that is merely slow. */
async function processState({ pid }: Service): Promise<string> {
  const [stat, where] = await Promise.all(
    ['stat', 'wchan'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => 'it has ended')),
  );
  return `/proc/${pid}/stat: ${String(stat).trim()}; wchan: ${String(where)}`;
}
