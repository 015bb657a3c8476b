/**
 * How fast the service looks at a big table, beside conntrack(8) and the kernel's own floor, in one run: `npm run bench`.
 *
 *     node bench/entries.ts [--entries N] [--rounds N] [--only NAME]… [--no-raise]
 *
 * Needs root, conntrack(8), curl and awk, and a built service. The entries are made in a network namespace of its own. For its run it
 * raises the host's nf_conntrack_max and nf_conntrack_buckets, which no namespace can have for itself, and puts both back at its end,
 * however it ends; tracked traffic of the host stops for about half a second each time. `--no-raise` leaves them, for tables that fit.
 * Whole runs are stored in bench/results. Ends with code 1 unless every bar is met.
 */
import { join } from 'node:path';
import { factsOf, reportOf, store, toMarkdown } from './harness/report.ts';
import { failureOf } from './harness/failure.ts';
import { Host } from './harness/host.ts';
import { isWholeRun, readOptions } from './harness/options.ts';
import { measure, WORKLOAD_NAMES } from './workloads/measure.ts';

const RESULTS = join(import.meta.dirname, 'results');
const RAISED = { max: 2_200_000, buckets: 1_048_576 };

const options = readOptions(process.argv.slice(2), WORKLOAD_NAMES);
const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

try {
  const host = await Host.take();
  try {
    if (options.raise) await host.raise(RAISED.max, RAISED.buckets);
    const rows = await measure(host, options, say);
    const report = reportOf(factsOf(options.entries, options.rounds), rows);
    if (isWholeRun(options)) store(report, RESULTS);
    process.stdout.write(`${toMarkdown(report)}\n`);
    if (report.rows.some(({ met }) => !met)) process.exitCode = 1;
  } finally {
    await host.release();
  }
} catch (error) {
  process.stderr.write(`${failureOf(error)}\n`);
  process.exitCode = 1;
}
