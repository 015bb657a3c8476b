import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Clock } from '../../src/application/ports/clock.ts';
import { WatchDrift } from '../../src/application/change/watch-drift.ts';
import { queryableNames, parseExposition, valueOf, type Metric } from '../support/exposition.ts';
import { toText } from './ask.ts';
import { startService, type Service } from './service.ts';

type Metrics = ReadonlyMap<string, Metric>;

const SYSCTLS = '/proc/sys/net/netfilter/nf_conntrack';
const COUNTERS = '/proc/net/stat/nf_conntrack';
const NODE_EXPORTER = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/node-exporter-conntrack.json'), 'utf8')) as {
  readonly metrics: readonly { readonly name: string; readonly type: string; readonly help: string }[];
};

let service: Service;
const read = async (): Promise<Metrics> => parseExposition((await service.as('get', '/metrics').expect(200)).text);
const change = (settings: object, rest: object = {}) => service.as('patch', '/api/v1/settings').send({ settings, ...rest });
const succeeded = (metrics: Metrics, collector: string): number | undefined =>
  valueOf(metrics, 'conntrack_api_collector_success', `{collector="${collector}"}`);

describe('the metrics of a recorded host', () => {
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it('are in Prometheus’ text format and must not be cached', async () => {
    const { headers } = await service.as('get', '/metrics').set('accept', 'application/openmetrics-text').expect(200);
    expect(headers).toMatchObject({ 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' });
  });

  it('are limited to the wanted collectors, as in node_exporter', async () => {
    const { text } = await service.as('get', '/metrics?collect[]=counters&collect[]=table').expect(200);
    const names = [...parseExposition(text).keys()];
    expect(names).toEqual(expect.arrayContaining(NODE_EXPORTER.metrics.map(({ name }) => name)));
    expect(names.filter((name) => /http|journal|process/.test(name))).toEqual([]);
    expect(text).toMatch(/collector_success\{collector="counters"\} 1\n/);
    expect(text).not.toContain('collector="journal"');
    const one = parseExposition((await service.as('get', '/metrics?collect%5B%5D=http').expect(200)).text);
    expect([...one.keys()].filter((name) => !name.startsWith('conntrack_api_http_'))).toEqual([]);
  });

  it.each(['collect[]=tables', 'collect[]=table&collect[]=table', 'collect[]=', 'collect=table'])('refuse %s', async (query) => {
    const { body } = await service.as('get', `/metrics?${query}`).expect(400);
    expect(body).toMatchObject({ code: 'INVALID_FILTER' });
  });

  it('are separate for scrapes at the same time that want different collectors', async () => {
    const [one, other] = await Promise.all(['table', 'process'].map((name) => service.as('get', `/metrics?collect[]=${name}`)));
    expect(one?.text).toContain('node_nf_conntrack_entries');
    expect(other?.text).not.toContain('node_nf_conntrack_entries');
  });

  it.each(NODE_EXPORTER.metrics)('have $name with the type and help text of node_exporter', async ({ name, type, help }) => {
    const metric = (await read()).get(name);
    expect(metric).toMatchObject({ type, help });
    expect(Object.keys(metric?.series ?? {})).toEqual(['']);
  });

  it('have no node_… metric that node_exporter lacks', async () => {
    const known = NODE_EXPORTER.metrics.map(({ name }) => name);
    expect([...(await read()).keys()].filter((name) => name.startsWith('node_') && !known.includes(name))).toEqual([]);
  });

  it('have the kernel’s numbers, with raw counters summed over the CPUs', async () => {
    const metrics = await read();
    const found = Object.fromEntries(
      NODE_EXPORTER.metrics.map(({ name }) => [name.replace('node_nf_conntrack_', ''), valueOf(metrics, name)]),
    );
    expect(found).toEqual({
      entries: 49,
      entries_limit: 65_536,
      stat_found: 0x11 + 2,
      stat_invalid: 0x1a4 + 0xff_ff_ff_f0,
      stat_ignore: 0,
      stat_insert: 0,
      stat_insert_failed: 6,
      stat_drop: 2,
      stat_early_drop: 7,
      stat_search_restart: 9,
    });
  });

  it('have the metrics that node_exporter lacks', async () => {
    const metrics = await read();
    const stat = (counter: string) => valueOf(metrics, 'conntrack_api_stat_total', `{counter="${counter}"}`);
    expect([stat('chaintoolong'), stat('clash_resolve'), stat('icmp_error')]).toEqual([1, 3, 4]);
    expect(valueOf(metrics, 'conntrack_api_buckets')).toBe(16_384);
    expect(valueOf(metrics, 'conntrack_api_load_factor')).toBe(49 / 16_384);
    expect(valueOf(metrics, 'conntrack_api_average_chain_length')).toBe(98 / 16_384);
    expect(valueOf(metrics, 'conntrack_api_entry_object_bytes')).toBeGreaterThan(200);
    expect(valueOf(metrics, 'conntrack_api_build_info', `{version="0.1.0",node="${process.version}",simulated="false"}`)).toBe(1);
    expect(valueOf(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(Object.values(metrics.get('conntrack_api_collector_success')?.series ?? {})).not.toContain(0);
  });

  it('need a token with the scope table:read', async () => {
    const refused = await service.raw('get', '/metrics').expect(401);
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer /);
    expect(refused.body).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await service.raw('get', '/metrics', service.token('changes:read')).expect(403)).body).toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
    });
    await service.raw('get', '/metrics', service.token('table:read')).expect(200);
  });

  it('count requests by route and status and problems by code, in a bounded number of series', async () => {
    await service.raw('get', '/api/v1/table').expect(401);
    await service.as('get', '/api/v1/changes/4711').expect(404);
    await service.as('get', '/nothing/0').expect(404);
    // A scrape is counted after it ends.
    await read();
    const before = await read();
    for (let id = 1; id <= 40; id += 1) {
      await service.as('get', `/api/v1/changes/${String(4_711 + id)}`).expect(404);
      await service.as('get', `/nothing/${String(id)}`).expect(404);
      await service.raw('get', '/api/v1/table', `bad-${String(id)}`).expect(401);
    }
    const after = await read();
    const more = (name: string, labels: string) => (valueOf(after, name, labels) ?? NaN) - (valueOf(before, name, labels) ?? NaN);
    expect(more('conntrack_api_http_requests_total', '{method="GET",route="/api/v1/changes/:id",status="404"}')).toBe(40);
    expect(more('conntrack_api_http_requests_total', '{method="any",route="unknown",status="404"}')).toBe(40);
    expect(more('conntrack_api_http_requests_total', '{method="GET",route="/api/v1/table",status="401"}')).toBe(40);
    expect(more('conntrack_api_http_problems_total', '{code="UNAUTHENTICATED"}')).toBe(40);
    expect(more('conntrack_api_http_problems_total', '{code="CHANGE_NOT_FOUND"}')).toBe(40);
    const durations = 'conntrack_api_http_request_duration_seconds';
    expect(more(durations, `${durations}_count{method="GET",route="/api/v1/table"}`)).toBe(40);
    expect(more(durations, `${durations}_bucket{le="+Inf",method="GET",route="/api/v1/table"}`)).toBe(40);
    // HTTP metrics only: other values may have become readable meanwhile.
    const series = (metrics: Metrics) =>
      [...metrics].filter(([name]) => name.startsWith('conntrack_api_http_')).flatMap(([, metric]) => Object.keys(metric.series)).length;
    expect(series(before)).toBeGreaterThan(0);
    expect(series(after) - series(before)).toBe(0);
  });

  it('include the dumps', async () => {
    const before = valueOf(await read(), 'conntrack_api_dumps_total') ?? NaN;
    await service.as('get', '/api/v1/entries').set('accept', 'application/x-ndjson').buffer().parse(toText).expect(200);
    const after = await read();
    expect(valueOf(after, 'conntrack_api_dumps_total')).toBe(before + 1);
    expect(valueOf(after, 'conntrack_api_last_dump_duration_seconds')).toBeGreaterThan(0);
    expect(valueOf(after, 'conntrack_api_dumps_running')).toBe(0);
  });
});

describe('the metrics as the host changes', () => {
  beforeEach(async () => {
    service = await startService();
  });
  afterEach(() => service.close());

  it('are 0 for a known zero, and absent for what has not happened', async () => {
    const metrics = await read();
    expect(valueOf(metrics, 'conntrack_api_changes_total', '{kind="change",outcome="failed"}')).toBe(0);
    expect(valueOf(metrics, 'conntrack_api_confirmations_pending')).toBe(0);
    expect(valueOf(metrics, 'conntrack_api_settings_drifted')).toBe(0);
    for (const name of ['confirmation_deadline_seconds', 'last_change_timestamp_seconds', 'last_dump_duration_seconds', 'setting_drifted'])
      expect(queryableNames(metrics)).not.toContain(`conntrack_api_${name}`);
  });

  it('count changes by kind and outcome as they are recorded', async () => {
    await change({ udp_timeout: 45 }).expect(200);
    await change({ generic_timeout: 500 }).expect(200);
    await service.as('post', '/api/v1/changes/1/rollback').send({ reason: 'back' }).expect(200);
    const metrics = await read();
    const changes = metrics.get('conntrack_api_changes_total');
    expect(changes?.type).toBe('counter');
    const counted = Object.entries(changes?.series ?? {}).filter(([, value]) => value > 0);
    expect(Object.fromEntries(counted)).toEqual({ '{kind="change",outcome="applied"}': 2, '{kind="rollback",outcome="applied"}': 1 });
    expect(valueOf(metrics, 'conntrack_api_journal_head_sequence')).toBe(7);
    expect(valueOf(metrics, 'conntrack_api_journal_available')).toBe(1);
    expect(Math.abs((valueOf(metrics, 'conntrack_api_last_change_timestamp_seconds') ?? NaN) - Date.now() / 1_000)).toBeLessThan(60);
  });

  it('show the time left for the first pending confirmation', async () => {
    const clock = service.app.get(Clock);
    const begun = clock.bootMilliseconds();
    clock.bootMilliseconds = () => begun;
    await change({ udp_timeout: 45 }, { confirmWithinSeconds: 120 }).expect(200);
    await change({ generic_timeout: 500 }, { confirmWithinSeconds: 60 }).expect(200);
    clock.bootMilliseconds = () => begun + 20_000;
    let metrics = await read();
    expect(valueOf(metrics, 'conntrack_api_confirmations_pending')).toBe(2);
    expect(valueOf(metrics, 'conntrack_api_confirmation_deadline_seconds')).toBe(40);
    clock.bootMilliseconds = () => begun + 61_000;
    expect(valueOf(await read(), 'conntrack_api_confirmation_deadline_seconds')).toBe(-1);
    for (const id of ['1', '2']) await service.as('post', `/api/v1/changes/${id}/rollback`).send({ reason: 'enough' }).expect(200);
    metrics = await read();
    expect(valueOf(metrics, 'conntrack_api_confirmations_pending')).toBe(0);
    expect(queryableNames(metrics)).not.toContain('conntrack_api_confirmation_deadline_seconds');
  });

  it('list drifted settings until the service sets them again', async () => {
    await change({ udp_timeout: 45 }).expect(200);
    await service.tree.write(`${SYSCTLS}_udp_timeout`, '77\n');
    await service.app.get(WatchDrift).run();
    let metrics = await read();
    expect(valueOf(metrics, 'conntrack_api_settings_drifted')).toBe(1);
    expect(metrics.get('conntrack_api_setting_drifted')?.series).toEqual({ '{setting="udp_timeout"}': 1 });
    expect(valueOf(metrics, 'conntrack_api_changes_total', '{kind="drift",outcome="recovered-applied"}')).toBe(1);
    await change({ udp_timeout: 45 }).expect(200);
    metrics = await read();
    expect(valueOf(metrics, 'conntrack_api_settings_drifted')).toBe(0);
    expect(queryableNames(metrics)).not.toContain('conntrack_api_setting_drifted');
  });

  it('correct counter wraps under their own names, and show raw values under node_exporter’s', async () => {
    const before = await read();
    await service.tree.write(COUNTERS, (await service.tree.read(COUNTERS)).replace('fffffff0', '00000010'));
    const after = await read();
    const total = (metrics: Metrics) => valueOf(metrics, 'conntrack_api_stat_total', '{counter="invalid"}') ?? NaN;
    expect(total(after) - total(before)).toBe(0x20);
    expect(valueOf(after, 'node_nf_conntrack_stat_invalid')).toBe(0x1a4 + 0x10);
  });

  it('omit values that cannot be read, and mark their collector', async () => {
    for (const path of [`${SYSCTLS}_count`, COUNTERS, '/proc/slabinfo', '/proc/net/nf_conntrack']) await rm(join(service.tree.root, path));
    const metrics = await read();
    const names = queryableNames(metrics);
    expect(
      [...names].filter((name) => /^node_nf_conntrack_(entries$|stat_)|_stat_total|_load_factor|_average_chain|_host_entries/.test(name)),
    ).toEqual([]);
    expect(valueOf(metrics, 'node_nf_conntrack_entries_limit')).toBe(65_536);
    expect(['table', 'counters', 'journal', 'drift'].map((collector) => succeeded(metrics, collector))).toEqual([0, 0, 1, 1]);
  });

  it('are shared by concurrent scrapes', async () => {
    const answers = await Promise.all([service.as('get', '/metrics'), service.as('get', '/metrics'), service.as('get', '/metrics')]);
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(parseExposition(text).size).toBe(parseExposition(answers[0].text).size);
    }
  });
});

describe('the metrics of another host', () => {
  afterEach(() => service.close());

  it('without conntrack have none of its metrics', async () => {
    service = await startService('not-loaded');
    const metrics = await read();
    expect([...metrics.keys()].filter((name) => /^node_|_stat_|buckets|chain|load_factor|entr/.test(name))).toEqual([]);
    expect(['table', 'counters', 'drift', 'journal', 'process'].map((name) => succeeded(metrics, name))).toEqual([0, 0, 0, 1, 1]);
  });

  it('on the legacy layout have the same names, except for missing counters', async () => {
    service = await startService('ip_conntrack');
    const metrics = await read();
    const missing = NODE_EXPORTER.metrics.map(({ name }) => name).filter((name) => !metrics.has(name));
    expect(missing).toEqual(['node_nf_conntrack_stat_search_restart']);
    expect(metrics.get('conntrack_api_stat_total')?.series).not.toHaveProperty('{counter="chaintoolong"}');
    expect(valueOf(metrics, 'node_nf_conntrack_stat_invalid')).toBe(0x12 + 4);
  });

  it('are open with --open-metrics, and nothing else is', async () => {
    service = await startService('nf_conntrack', { openMetrics: true });
    await service.raw('get', '/metrics').expect(200);
    await service.raw('get', '/metrics', service.token('changes:read')).expect(200);
    await service.raw('get', '/api/v1/table').expect(401);
    await service.raw('get', '/metrics').set('host', 'attacker.example').expect(421);
  });

  it('with a damaged journal report it, and have no values from it', async () => {
    service = await startService('nf_conntrack', { openMetrics: true });
    await service.restart(async (dataDir) => {
      for (const suffix of ['-wal', '-shm']) await rm(join(dataDir, `conntrack-api.sqlite3${suffix}`), { force: true });
      await writeFile(join(dataDir, 'conntrack-api.sqlite3'), Buffer.alloc(8_192, 'not a database '));
    });
    const metrics = parseExposition((await service.raw('get', '/metrics').expect(200)).text);
    expect(valueOf(metrics, 'conntrack_api_journal_available')).toBe(0);
    const fromJournal = /_changes_|_head_sequence|_confirmation|_drifted|_last_change/;
    expect([...metrics.keys()].filter((name) => fromJournal.test(name))).toEqual([]);
    const parts = ['journal', 'changes', 'confirmations', 'drift', 'table', 'counters'];
    expect(parts.map((name) => succeeded(metrics, name))).toEqual([0, 0, 0, 0, 1, 1]);
  });
});
