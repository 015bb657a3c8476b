import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WatchDrift } from '../../src/application/change/watch-drift.ts';
import { parseExposition, queryableNames } from '../support/exposition.ts';
import { dashboardQueries, metricNamesIn, ruleQueries } from '../support/metric-names.ts';
import { toText } from './ask.ts';
import { startService, type Service } from './service.ts';

let service: Service;
let known: ReadonlySet<string>;

/** A host on which every metric has a series: a dump, a pending confirmation, a drifted setting, a value that a reboot would change. */
beforeAll(async () => {
  service = await startService();
  const { tree } = service;
  await tree.write('/etc/sysctl.d/90-site.conf', 'net.netfilter.nf_conntrack_max = 99999\n');
  await tree.write('/etc/modules-load.d/conntrack.conf', 'nf_conntrack\n');
  await tree.write('/run/systemd/system/.keep', '');
  await service
    .as('patch', '/api/v1/settings')
    .send({ settings: { udp_timeout: 45 }, confirmWithinSeconds: 60 })
    .expect(200);
  await service.app.get(WatchDrift).run();
  await tree.write('/proc/sys/net/netfilter/nf_conntrack_generic_timeout', '77\n');
  await service.app.get(WatchDrift).run();
  await service.as('get', '/api/v1/entries').set('accept', 'application/x-ndjson').buffer().parse(toText).expect(200);
  await service.raw('get', '/api/v1/table').expect(401);
  // The event loop delay is measured from the first scrape on.
  await service.as('get', '/metrics').expect(200);
  await sleep(100);
  known = queryableNames(parseExposition((await service.as('get', '/metrics').expect(200)).text));
});
afterAll(() => service.close());

describe.each([
  ['alert rule', ruleQueries()],
  ['panel of the dashboard', dashboardQueries()],
] as const)('each %s', (_kind, queries) => {
  it.each(queries.map(({ where, expr }) => ({ where, expr })))('uses metrics that exist: $where', ({ expr }) => {
    const names = metricNamesIn(expr);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    if (!expr.startsWith('up{')) expect(names).not.toEqual([]);
  });
});

it('every metric is in a rule, on the dashboard, or listed as for lookup only', () => {
  const LOOKUP_ONLY =
    /^conntrack_api_(changes_open|collector_duration_seconds|dumps_total|dumps_limit|event_clients_limit|entry_object_bytes|host_entries|boot_settings_unknown|journal_head_sequence|http_request_duration_seconds_(sum|count))$|^process_start_time_seconds$|^node_nf_conntrack_stat_/;
  const watched = new Set([...ruleQueries(), ...dashboardQueries()].flatMap(({ expr }) => metricNamesIn(expr)));
  expect([...known].filter((name) => !watched.has(name) && !LOOKUP_ONLY.test(name))).toEqual([]);
});
