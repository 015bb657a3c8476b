/**
 * Measures how fast the service reads a large table, compared with conntrack(8) and with the kernel's own cost: `npm run bench`.
 *
 *     node bench/entries.ts [--entries N] [--rounds N] [--only NAME]… [--no-raise]
 *
 * Needs root, conntrack(8), curl and awk, and a built service. The entries are created in a temporary network namespace. For the run, the
 * benchmark raises nf_conntrack_max and nf_conntrack_buckets, which are global, and restores both afterwards, even if it is killed. Each
 * resize stops the host's tracked traffic for about half a second. `--no-raise` keeps the current values, for tables that fit.
 * Results of complete runs are stored in bench/results. The exit code is 1 unless every target is met.
 */
import { join } from 'node:path';
import { factsOf, reportOf, store, toMarkdown } from './harness/report.ts';
import { failureOf } from './harness/failure.ts';
import { Host } from './harness/host.ts';
import { isCompleteRun, readOptions } from './harness/options.ts';
import { measure, WORKLOAD_NAMES } from './workloads/measure.ts';

const RESULTS = join(import.meta.dirname, 'results');
const RAISED = { max: 2_200_000, buckets: 1_048_576 };

const options = readOptions(process.argv.slice(2), WORKLOAD_NAMES);
const log = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

try {
  const host = await Host.prepare();
  try {
    if (options.raise) await host.raise(RAISED.max, RAISED.buckets);
    const rows = await measure(host, options, log);
    const report = reportOf(factsOf(options.entries, options.rounds), rows);
    if (isCompleteRun(options)) store(report, RESULTS);
    process.stdout.write(`${toMarkdown(report)}\n`);
    if (report.rows.some(({ met }) => !met)) process.exitCode = 1;
  } finally {
    await host.release();
  }
} catch (error) {
  process.stderr.write(`${failureOf(error)}\n`);
  process.exitCode = 1;
}
