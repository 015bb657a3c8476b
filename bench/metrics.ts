/**
 * Measures the cost of a scrape of /metrics with a large table and a long journal: `npm run bench:metrics`.
 *
 *     node bench/metrics.ts [--entries N] [--rounds N] [--no-raise]
 *
 * Needs root, conntrack(8) and curl, and a built service. The entries are created in a temporary network namespace. For the run, the benchmark
 * raises the host's nf_conntrack_max, and restores it afterwards, even if it is killed. Results of complete runs are stored in bench/results.
 * The exit code is 1 unless every target is met.
 */
import { join } from 'node:path';
import { failureOf } from './harness/failure.ts';
import { Host } from './harness/host.ts';
import { Namespace } from './harness/namespace.ts';
import { isCompleteRun, readOptions } from './harness/options.ts';
import { factsOf, reportOf, store, toMarkdown } from './harness/report.ts';
import { Service } from './harness/service.ts';
import type { Row, Stage, Workload } from './harness/workload.ts';
import { CHANGES, recordChanges } from './workloads/long-journal.ts';
import { firstScrape, scrapes } from './workloads/scrapes.ts';

const RESULTS = join(import.meta.dirname, 'results');
const RAISED_MAX = 1_200_000;
const KEEP_BUCKETS = 0;
/** Entries created per step, because a table with few buckets fills slowly. */
const STEP = 100_000;

const options = readOptions(process.argv.slice(2), []);
const log = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

try {
  const host = await Host.prepare();
  try {
    const namespace = await Namespace.create(host.scratch);
    log(`recording ${CHANGES} changes`);
    const service = await Service.start(namespace, host.scratch, { prepare: recordChanges });
    const stage = { scratch: host.scratch, namespace, service, entries: options.entries, rounds: options.rounds };
    const first = await rowsOf(firstScrape, stage);
    // Raise the limit of the host as late as possible.
    if (options.raise) await host.raise(RAISED_MAX, KEEP_BUCKETS);
    log(`filling the table with ${options.entries} entries`);
    for (let entries = 0; entries < options.entries;) await namespace.fill((entries = Math.min(entries + STEP, options.entries)));
    log('scraping');
    const rows = [...(await rowsOf(scrapes, stage)), ...first];
    const report = reportOf(factsOf(stage.entries, stage.rounds), rows);
    const subject = { file: 'metrics', title: 'Metrics', command: 'npm run bench:metrics' };
    if (isCompleteRun(options)) store(report, RESULTS, subject);
    process.stdout.write(`${toMarkdown(report)}\n`);
    if (report.rows.some(({ met }) => !met)) process.exitCode = 1;
  } finally {
    await host.release();
  }
} catch (error) {
  process.stderr.write(`${failureOf(error)}\n`);
  process.exitCode = 1;
}

async function rowsOf(workload: Workload, stage: Stage): Promise<readonly Row[]> {
  const results = await workload.run(stage);
  return workload.targets.flatMap((target, index) => (results[index] ? [{ ...target, ...results[index] }] : []));
}
