/**
 * What a scrape of /metrics costs the service at a big table and a long journal: `npm run bench:metrics`.
 *
 *     node bench/metrics.ts [--entries N] [--rounds N] [--no-raise]
 *
 * Needs root, conntrack(8) and curl, and a built service. The entries are made in a network namespace of its own. For its run it raises the
 * host's nf_conntrack_max, and puts it back at its end, however it ends. Whole runs are stored in bench/results. Ends with code 1 unless
 * every bar is met.
 */
import { join } from 'node:path';
import { failureOf } from './harness/failure.ts';
import { Host } from './harness/host.ts';
import { Namespace } from './harness/namespace.ts';
import { isWholeRun, readOptions } from './harness/options.ts';
import { factsOf, reportOf, store, toMarkdown } from './harness/report.ts';
import { Service } from './harness/service.ts';
import type { Row, Stage, Workload } from './harness/workload.ts';
import { CHANGES, recordChanges } from './workloads/long-journal.ts';
import { firstScrape, scrapes } from './workloads/scrapes.ts';

const RESULTS = join(import.meta.dirname, 'results');
const RAISED_MAX = 1_200_000;
const BUCKETS_AS_THEY_ARE = 0;
/** Entries made at once: a table with few buckets fills slowly. */
const STEP = 100_000;

const options = readOptions(process.argv.slice(2), []);
const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

try {
  const host = await Host.take();
  try {
    const namespace = await Namespace.create(host.scratch);
    say(`recording ${CHANGES} changes`);
    const service = await Service.start(namespace, host.scratch, { prepare: recordChanges });
    const stage = { scratch: host.scratch, namespace, service, entries: options.entries, rounds: options.rounds };
    const first = await rowsOf(firstScrape, stage);
    // The host has another limit from here to the end: nothing that can be done before comes after.
    if (options.raise) await host.raise(RAISED_MAX, BUCKETS_AS_THEY_ARE);
    say(`filling the table with ${options.entries} entries`);
    for (let entries = 0; entries < options.entries;) await namespace.fill((entries = Math.min(entries + STEP, options.entries)));
    say('scraping');
    const rows = [...(await rowsOf(scrapes, stage)), ...first];
    const report = reportOf(factsOf(stage.entries, stage.rounds), rows);
    const subject = { file: 'metrics', title: 'Metrics', command: 'npm run bench:metrics' };
    if (isWholeRun(options)) store(report, RESULTS, subject);
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
  const figures = await workload.run(stage);
  return workload.bars.flatMap((bar, index) => (figures[index] ? [{ ...bar, ...figures[index] }] : []));
}
