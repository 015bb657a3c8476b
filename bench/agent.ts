/**
 * Measures what the service costs a host beside its work: start, memory and CPU when idle, scrapes, settings, requests: `npm run bench:agent`.
 *
 *     node bench/agent.ts [--rounds N] [--only NAME]…
 *
 * Needs root, conntrack(8), curl, prometheus-node-exporter and a built service. Builds an earlier commit to compare with, once, in `.bench`.
 * Each row is stored in `.bench` as soon as it is measured, and a run that was interrupted continues after it. Results of complete runs are
 * stored in bench/results. Changes nothing on the host. The exit code is 1 unless every target is met.
 */
import { join } from 'node:path';
import { compare } from './harness/compare.ts';
import { failureOf } from './harness/failure.ts';
import { Host } from './harness/host.ts';
import { Namespace } from './harness/namespace.ts';
import { isCompleteRun, readOptions } from './harness/options.ts';
import { Progress } from './harness/progress.ts';
import { referenceBuild } from './harness/reference.ts';
import { factsOf, reportOf, store, toMarkdown } from './harness/report.ts';
import { Service } from './harness/service.ts';
import type { Comparison, Row, Stage, Workload } from './harness/workload.ts';
import { idle } from './workloads/agent/idle.ts';
import { scrape, settings } from './workloads/agent/peers.ts';
import { idleLatency, memoryOfRequests, throughput } from './workloads/agent/requests.ts';
import { start } from './workloads/agent/start.ts';
import { rowsOf } from './workloads/measure.ts';

const NAMES = ['start', 'idle', 'scrape', 'settings', 'throughput', 'idle-latency', 'memory-of-requests'];
const options = readOptions(process.argv.slice(2), NAMES);
const log = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

try {
  const host = await Host.prepare();
  try {
    const reference = await referenceBuild();
    const namespace = await Namespace.create(host.scratch);
    const service = await Service.start(namespace, host.scratch);
    const stage = { scratch: host.scratch, namespace, service, entries: 0, rounds: options.rounds };
    const progress = await Progress.open('agent', options.rounds);
    const rows: Row[] = [];
    for (const each of [start(reference), scrape, settings, throughput, idleLatency, memoryOfRequests, idle(reference)]) {
      if (options.only?.includes(each.name) === false) continue;
      rows.push(...(await progress.rows(each.name, () => measured(each, stage))));
    }
    const report = reportOf(factsOf(stage.entries, stage.rounds), rows);
    if (isCompleteRun(options)) {
      store(report, join(import.meta.dirname, 'results'), { file: 'agent', title: 'Cost of the service', command: 'npm run bench:agent' });
      progress.end();
    }
    process.stdout.write(`${toMarkdown(report)}\n`);
    if (report.rows.some(({ met }) => !met)) process.exitCode = 1;
  } finally {
    await host.release();
  }
} catch (error) {
  process.stderr.write(`${failureOf(error)}\n`);
  process.exitCode = 1;
}

function measured(each: Comparison | Workload, stage: Stage): Promise<readonly Row[]> {
  log(each.name);
  return 'contenders' in each ? compare([each], stage, log) : rowsOf(each, stage);
}
