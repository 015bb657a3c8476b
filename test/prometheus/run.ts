/**
 * The metrics, rules and dashboard against promtool and a Prometheus that really scrapes the built service: `npm run test:prometheus`.
 *
 * Needs Debian's package prometheus (prometheus, promtool) and setpriv; fails without. Everything listens on loopback and lives in a
 * directory of its own; nothing of the package's own service is used. As root on a machine with connection tracking it scrapes this
 * machine's kernel too. The last line is "N passed, N failed"; the exit code is 0 only when nothing failed.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseExposition, queryableNames } from '../support/exposition.ts';
import { dashboardQueries, DEPLOY, metricNamesIn, ruleQueries } from '../support/metric-names.ts';
import { createToken, run, Service } from './programs.ts';
import { configuration, Prometheus } from './prometheus.ts';

const KERNEL_COUNT = '/proc/sys/net/netfilter/nf_conntrack_count';
const NODE_EXPORTER = JSON.parse(await readFile(join(import.meta.dirname, '../fixtures/node-exporter-conntrack.json'), 'utf8')) as {
  readonly metrics: readonly { readonly name: string; readonly type: string; readonly help: string }[];
};

let passed = 0;
let failed = 0;

/** Does one check; its text says what was found. What later checks need is thrown on. */
async function check(what: string, look: () => Promise<string>): Promise<void> {
  try {
    console.log(`ok      ${what}: ${await look()}`);
    passed += 1;
  } catch (error) {
    console.log(`FAILED  ${what}: ${error instanceof Error ? error.message : String(error)}`);
    failed += 1;
  }
}

function demand(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';
const scratch = await mkdtemp(join(tmpdir(), 'conntrack-api-prometheus-'));
const credentials = join(scratch, 'token');

async function checkFiles(): Promise<void> {
  await writeFile(credentials, 'not one yet', { mode: 0o600 });
  const rules = join(DEPLOY, 'prometheus/alerts.yml');
  await check('promtool', async () => (await run('promtool', ['--version'])).split('\n')[0] ?? '');
  await check('promtool check rules', async () => lastLine(await run('promtool', ['check', 'rules', '--lint-fatal', rules])));
  await check('promtool test rules', async () =>
    lastLine(await run('promtool', ['test', 'rules', join(DEPLOY, 'prometheus/alerts.test.yml')])),
  );
  await check('promtool check config', async () => {
    const config = join(scratch, 'checked.yml');
    await writeFile(config, await configuration('127.0.0.1:8477', credentials));
    return lastLine(await run('promtool', ['check', 'config', config]));
  });
}

async function patch(service: Service, body: object): Promise<void> {
  const answer = await service.ask('/api/v1/settings', { method: 'PATCH', body });
  demand(answer.ok, `PATCH /api/v1/settings: ${await answer.text()}`);
}

/** What is in force is not what the files ask for. Before the first scrape: the next boot is looked at once a minute only. */
async function leaveUnpersisted(service: Service): Promise<void> {
  await patch(service, { settings: { max: 60_000 }, persist: true });
  await patch(service, { settings: { max: 61_000 } });
}

/** Brings about what is there for a while only. */
async function stir(service: Service): Promise<void> {
  await patch(service, { settings: { udp_timeout: 45 }, confirmWithinSeconds: 50 });
  await (await service.ask('/api/v1/entries?limit=1')).text();
  await (await service.ask('/api/v1/table', { token: 'nobody' })).text();
}

/** Somebody else changes a setting of the demonstration: the service looks every ten seconds. */
async function drift(service: Service): Promise<void> {
  const seen = async (): Promise<boolean> => (await (await service.ask('/metrics')).text()).includes('conntrack_api_setting_drifted{');
  const file = join(service.root, 'proc/sys/net/netfilter/nf_conntrack_generic_timeout');
  // It must have seen the value before to know that it was another: each of its looks is ten seconds after the last.
  let value = 700;
  await service.running.until('drift is seen', async () => {
    if (await seen()) return true;
    value += 1;
    await writeFile(file, `${String(value)}\n`);
    return undefined;
  });
}

async function checkScrape(service: Service, token: string): Promise<void> {
  const text = await (await service.ask('/metrics', { token })).text();
  const metrics = parseExposition(text);
  const series = [...metrics.values()].flatMap((metric) => Object.keys(metric.series)).length;
  await check('promtool check metrics', async () => {
    const said = await run('promtool', ['check', 'metrics'], text);
    return `${String(metrics.size)} metrics, ${String(series)} series, ${String(text.length)} bytes${said}`;
  });
  await check('names, types and help of node_exporter', () => {
    const wrong = NODE_EXPORTER.metrics.filter(
      ({ name, type, help }) => metrics.get(name)?.type !== type || metrics.get(name)?.help !== help,
    );
    demand(wrong.length === 0, `not the same: ${wrong.map(({ name }) => name).join(', ')}`);
    return Promise.resolve(`${String(NODE_EXPORTER.metrics.length)} the same`);
  });
  await check('names that rules and dashboard ask for', () => {
    const asked = new Set([...ruleQueries(), ...dashboardQueries()].flatMap(({ expr }) => metricNamesIn(expr)));
    const known = queryableNames(metrics);
    const missing = [...asked].filter((name) => !known.has(name));
    demand(missing.length === 0, `not in the answer: ${missing.join(', ')}`);
    return Promise.resolve(`${String(asked.size)} exist`);
  });
}

async function checkPrometheus(prometheus: Prometheus, service: Service, token: string): Promise<void> {
  await check(
    'a real Prometheus scrapes it',
    async () => `up ${String(await prometheus.untilValue('up{job="conntrack-api"}', (up) => up === 1))}`,
  );
  await check('and answers with the values', async () => {
    const { count } = (await (await service.ask('/api/v1/table')).json()) as { readonly count: number };
    const entries = await prometheus.untilValue('node_nf_conntrack_entries', (value) => value === count);
    const pending = await prometheus.untilValue('conntrack_api_confirmations_pending', (value) => value === 1);
    const drifted = await prometheus.untilValue('conntrack_api_setting_drifted{setting="generic_timeout"}');
    const denied = await prometheus.untilValue('conntrack_api_http_problems_total{code="UNAUTHENTICATED"}');
    return `${String(entries)} entries, ${String(pending)} pending, ${String(drifted)} drifted, ${String(denied)} denied`;
  });
  await check('rules are loaded and can be evaluated', async () => {
    interface Groups {
      readonly groups: readonly {
        readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
      }[];
    }
    const rules = await prometheus.running.until('rules were evaluated', async () => {
      const found = (await prometheus.get<Groups>('rules')).groups.flatMap((group) => group.rules);
      return found.every(({ health }) => health !== 'unknown') ? found : undefined;
    });
    const bad = rules.filter(({ health }) => health !== 'ok');
    demand(bad.length === 0 && rules.length === ruleQueries().length, `${String(rules.length)} rules, bad: ${JSON.stringify(bad)}`);
    return `${String(rules.length)} ok`;
  });
  await check('an alert fires', async () => {
    const alert = 'ALERTS{alertname="ConntrackApiConfirmationExpiring", alertstate="firing"}';
    await prometheus.untilValue(alert);
    return 'ConntrackApiConfirmationExpiring, for the change that waits';
  });
  await check('queries of the dashboard are understood', async () => {
    const queries = dashboardQueries();
    const answers = await Promise.all(queries.map(async ({ where, expr }) => ({ where, series: (await prometheus.query(expr)).length })));
    const empty = new Set(answers.filter(({ series }) => series === 0).map(({ where }) => where));
    return `${String(queries.length)}, without a series now: ${[...empty].join(', ') || 'none'}`;
  });
  await check('a token that is wrong is refused, and one that is right again is not', async () => {
    await writeFile(credentials, `${token.slice(0, -4)}xxxx`);
    const refused = await prometheus.untilValue('up{job="conntrack-api"}', (up) => up === 0);
    await writeFile(credentials, token);
    return `up ${String(refused)}, then up ${String(await prometheus.untilValue('up{job="conntrack-api"}', (up) => up === 1))}`;
  });
}

/** This machine's kernel is only read. */
async function checkKernel(): Promise<void> {
  const dataDir = join(scratch, 'kernel');
  const service = await Service.start('serve', dataDir);
  try {
    await check('the metrics of this machine’s kernel', async () => {
      const metrics = parseExposition(
        await (await service.ask('/metrics', { token: await createToken(dataDir, 'scraper', 'table:read') })).text(),
      );
      const missing = NODE_EXPORTER.metrics.filter(({ name }) => !metrics.has(name)).map(({ name }) => name);
      demand(missing.length === 0, `absent: ${missing.join(', ')}`);
      const failed = Object.entries(metrics.get('conntrack_api_collector_success')?.series ?? {}).filter(([, value]) => value !== 1);
      demand(failed.length === 0, `could not be read: ${failed.map(([labels]) => labels).join(', ')}`);
      const limit = metrics.get('node_nf_conntrack_entries_limit')?.series[''];
      demand(
        limit === Number(await readFile(KERNEL_COUNT.replace('_count', '_max'), 'utf8')),
        `limit ${String(limit)} is not the kernel’s`,
      );
      return `${String(metrics.get('node_nf_conntrack_entries')?.series[''])} of ${String(limit)} entries`;
    });
  } finally {
    await service.running.stop();
  }
}

try {
  await checkFiles();
  const dataDir = join(scratch, 'demo');
  const service = await Service.start('demo', dataDir);
  let prometheus: Prometheus | undefined;
  try {
    const token = await createToken(dataDir, 'prometheus', 'table:read');
    await writeFile(credentials, token, { mode: 0o600 });
    await leaveUnpersisted(service);
    await drift(service);
    await stir(service);
    await checkScrape(service, token);
    prometheus = await Prometheus.start(scratch, new URL(service.url).host, credentials);
    await checkPrometheus(prometheus, service, token);
  } finally {
    await prometheus?.running.stop();
    await service.running.stop();
  }
  if (process.getuid?.() === 0 && existsSync(KERNEL_COUNT)) await checkKernel();
  else console.log('        this machine’s kernel was left out: it needs root and connection tracking');
} catch (error) {
  console.log(`FAILED  ${error instanceof Error ? error.message : String(error)}`);
  failed += 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;
