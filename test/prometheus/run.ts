/**
 * Checks the metrics, rules and dashboard with promtool and with a Prometheus that scrapes the built service: `npm run test:prometheus`.
 *
 * Needs the Debian package prometheus (prometheus, promtool) and setpriv. Everything listens on loopback and uses a temporary directory,
 * not the service of the package. As root on a host with conntrack, it also scrapes the host's kernel. The last line is "N passed, N failed"; the exit code is 0 only when nothing failed.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseExposition, queryableNames } from '../support/exposition.ts';
import { dashboardQueries, DEPLOY, metricNamesIn, ruleQueries } from '../support/metric-names.ts';
import { createToken, run, Service } from './programs.ts';
import { configuration, guideConfigurations, Prometheus } from './prometheus.ts';

const KERNEL_COUNT = '/proc/sys/net/netfilter/nf_conntrack_count';
const NODE_EXPORTER = JSON.parse(await readFile(join(import.meta.dirname, '../fixtures/node-exporter-conntrack.json'), 'utf8')) as {
  readonly metrics: readonly { readonly name: string; readonly type: string; readonly help: string }[];
};

let passed = 0;
let failed = 0;

/** Runs one check and counts it; the result is printed with the text that `look` returns. */
async function check(what: string, look: () => Promise<string>): Promise<void> {
  try {
    console.log(`ok      ${what}: ${await look()}`);
    passed += 1;
  } catch (error) {
    console.log(`FAILED  ${what}: ${error instanceof Error ? error.message : String(error)}`);
    failed += 1;
  }
}

function requireThat(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';
const scratch = await mkdtemp(join(tmpdir(), 'conntrack-api-prometheus-'));
const credentials = join(scratch, 'token');

async function checkFiles(): Promise<void> {
  await writeFile(credentials, 'no token yet', { mode: 0o600 });
  const rules = join(DEPLOY, 'prometheus/alerts.yml');
  await check('promtool', async () => (await run('promtool', ['--version'])).split('\n')[0] ?? '');
  await check('promtool check rules', async () => lastLine(await run('promtool', ['check', 'rules', '--lint-fatal', rules])));
  await check('promtool test rules', async () =>
    lastLine(await run('promtool', ['test', 'rules', join(DEPLOY, 'prometheus/alerts.test.yml')])),
  );
  await check('promtool check config', async () => {
    const config = join(scratch, 'checked.yml');
    await writeFile(config, configuration('127.0.0.1:8477', credentials));
    return lastLine(await run('promtool', ['check', 'config', config]));
  });
  await check('promtool check config, for each configuration of the guide', async () => {
    requireThat(guideConfigurations.length === 3, `Expected 3 in docs/how-to/prometheus.md, found ${String(guideConfigurations.length)}.`);
    for (const text of guideConfigurations) {
      const config = join(scratch, 'guide.yml');
      // promtool requires that the files exist.
      await writeFile(config, text.replace(/\/etc\/prometheus\/\S+/g, credentials).replace('- alerts.yml', `- ${rules}`));
      await run('promtool', ['check', 'config', config]);
    }
    return String(guideConfigurations.length);
  });
}

async function patch(service: Service, body: object): Promise<void> {
  const response = await service.request('/api/v1/settings', { method: 'PATCH', body });
  requireThat(response.ok, `PATCH /api/v1/settings: ${await response.text()}`);
}

/** Makes the live value differ from the boot files. Must run before the first scrape, because the boot preview is cached. */
async function leaveUnpersisted(service: Service): Promise<void> {
  await patch(service, { settings: { max: 60_000 }, persist: true });
  await patch(service, { settings: { max: 61_000 } });
}

/** Creates metrics that exist only temporarily: a pending confirmation, a dump, a refused request. */
async function createTransientMetrics(service: Service): Promise<void> {
  await patch(service, { settings: { udp_timeout: 45 }, confirmWithinSeconds: 50 });
  await (await service.request('/api/v1/entries?limit=1')).text();
  await (await service.request('/api/v1/table', { token: 'invalid' })).text();
}

/** Changes a setting in the generated kernel tree behind the service's back; the service checks for drift every ten seconds. */
async function drift(service: Service): Promise<void> {
  const isReported = async (): Promise<boolean> =>
    (await (await service.request('/metrics')).text()).includes('conntrack_api_setting_drifted{setting="generic_timeout"');
  const file = join(service.root, 'proc/sys/net/netfilter/nf_conntrack_generic_timeout');
  // The service detects drift only between two of its own checks, so change the value until it reports one.
  let value = 700;
  await service.running.until('drift is reported', async () => {
    if (await isReported()) return true;
    value += 1;
    await writeFile(file, `${String(value)}\n`);
    return undefined;
  });
}

async function checkScrape(service: Service, token: string): Promise<void> {
  const text = await (await service.request('/metrics', { token })).text();
  const metrics = parseExposition(text);
  const series = [...metrics.values()].flatMap((metric) => Object.keys(metric.series)).length;
  await check('promtool check metrics', async () => {
    const output = await run('promtool', ['check', 'metrics'], text);
    return `${String(metrics.size)} metrics, ${String(series)} series, ${String(text.length)} bytes${output}`;
  });
  await check('names, types and help of node_exporter', () => {
    const wrong = NODE_EXPORTER.metrics.filter(
      ({ name, type, help }) => metrics.get(name)?.type !== type || metrics.get(name)?.help !== help,
    );
    requireThat(wrong.length === 0, `different: ${wrong.map(({ name }) => name).join(', ')}`);
    return Promise.resolve(`${String(NODE_EXPORTER.metrics.length)} equal`);
  });
  await check('metric names in rules and dashboard', () => {
    const used = new Set([...ruleQueries(), ...dashboardQueries()].flatMap(({ expr }) => metricNamesIn(expr)));
    const known = queryableNames(metrics);
    const missing = [...used].filter((name) => !known.has(name));
    requireThat(missing.length === 0, `not in the response: ${missing.join(', ')}`);
    return Promise.resolve(`${String(used.size)} exist`);
  });
}

async function checkPrometheus(prometheus: Prometheus, service: Service, token: string): Promise<void> {
  await check(
    'Prometheus scrapes the service',
    async () => `up ${String(await prometheus.untilValue('up{job="conntrack-api"}', (up) => up === 1))}`,
  );
  await check('Prometheus returns the values', async () => {
    const { count } = (await (await service.request('/api/v1/table')).json()) as { readonly count: number };
    // Flows of the demo begin and end meanwhile. One of its own changes awaits confirmation.
    const entries = await prometheus.untilValue('node_nf_conntrack_entries', (value) => Math.abs(value / count - 1) < 0.1);
    const pending = await prometheus.untilValue('conntrack_api_confirmations_pending', (value) => value === 2);
    const drifted = await prometheus.untilValue('conntrack_api_setting_drifted{setting="generic_timeout"}');
    const denied = await prometheus.untilValue('conntrack_api_http_problems_total{code="UNAUTHENTICATED"}');
    return `${String(entries)} entries, ${String(pending)} pending, ${String(drifted)} drifted, ${String(denied)} denied`;
  });
  await check('Prometheus loads and evaluates the rules', async () => {
    interface Groups {
      readonly groups: readonly {
        readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
      }[];
    }
    const rules = await prometheus.running.until('all rules are evaluated', async () => {
      const found = (await prometheus.get<Groups>('rules')).groups.flatMap((group) => group.rules);
      return found.every(({ health }) => health !== 'unknown') ? found : undefined;
    });
    const bad = rules.filter(({ health }) => health !== 'ok');
    requireThat(bad.length === 0 && rules.length === ruleQueries().length, `${String(rules.length)} rules, bad: ${JSON.stringify(bad)}`);
    return `${String(rules.length)} ok`;
  });
  await check('an alert fires', async () => {
    const alert = 'ALERTS{alertname="ConntrackApiConfirmationExpiring", alertstate="firing"}';
    await prometheus.untilValue(alert);
    return 'ConntrackApiConfirmationExpiring, for the change that awaits confirmation';
  });
  await check('Prometheus accepts the queries of the dashboard', async () => {
    const queries = dashboardQueries();
    const results = await Promise.all(queries.map(async ({ where, expr }) => ({ where, series: (await prometheus.query(expr)).length })));
    const empty = new Set(results.filter(({ series }) => series === 0).map(({ where }) => where));
    return `${String(queries.length)}, currently without series: ${[...empty].join(', ') || 'none'}`;
  });
  await check('a wrong token is refused, and the right one is accepted again', async () => {
    await writeFile(credentials, `${token.slice(0, -4)}xxxx`);
    const refused = await prometheus.untilValue('up{job="conntrack-api"}', (up) => up === 0);
    await writeFile(credentials, token);
    return `up ${String(refused)}, then up ${String(await prometheus.untilValue('up{job="conntrack-api"}', (up) => up === 1))}`;
  });
}

/** Scrapes this host's kernel; reads only. */
async function checkKernel(): Promise<void> {
  const dataDir = join(scratch, 'kernel');
  const service = await Service.start('serve', dataDir);
  try {
    await check('metrics of this host’s kernel', async () => {
      const metrics = parseExposition(
        await (await service.request('/metrics', { token: await createToken(dataDir, 'scraper', 'table:read') })).text(),
      );
      const missing = NODE_EXPORTER.metrics.filter(({ name }) => !metrics.has(name)).map(({ name }) => name);
      requireThat(missing.length === 0, `absent: ${missing.join(', ')}`);
      const failed = Object.entries(metrics.get('conntrack_api_collector_success')?.series ?? {}).filter(([, value]) => value !== 1);
      requireThat(failed.length === 0, `not readable: ${failed.map(([labels]) => labels).join(', ')}`);
      const limit = metrics.get('node_nf_conntrack_entries_limit')?.series[''];
      requireThat(
        limit === Number(await readFile(KERNEL_COUNT.replace('_count', '_max'), 'utf8')),
        `expected the limit of the kernel, found ${String(limit)}`,
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
    await createTransientMetrics(service);
    await checkScrape(service, token);
    prometheus = await Prometheus.start(scratch, new URL(service.url).host, credentials);
    await checkPrometheus(prometheus, service, token);
  } finally {
    await prometheus?.running.stop();
    await service.running.stop();
  }
  if (process.getuid?.() === 0 && existsSync(KERNEL_COUNT)) await checkKernel();
  else console.log('        skipped this host’s kernel: it needs root and conntrack');
} catch (error) {
  console.log(`FAILED  ${error instanceof Error ? error.message : String(error)}`);
  failed += 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;
