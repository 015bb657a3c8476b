/**
 * Measures the service: `npm run bench:all`, or one suite: `npm run bench` (entries), `bench:agent`, `bench:commit`, `bench:metrics`.
 *
 *     node bench/run.ts [SUITE]… [--entries N] [--rounds N] [--only WORKLOAD]… [--no-raise]
 *
 * Needs root, conntrack(8), curl, awk, strace, prometheus-node-exporter and a built service. The entries are created in temporary network
 * namespaces. For the run, it raises nf_conntrack_max and nf_conntrack_buckets, which are global, and restores both afterwards, even if it is
 * killed. Each resize stops the host's tracked traffic for up to a second. `--no-raise` keeps the current values, for tables that fit. Builds an
 * earlier commit to compare with, once, in `.bench`.
 *
 * Each workload is stored in `.bench` as soon as it is measured, and a run that was interrupted continues after it. Results of complete runs are
 * stored in bench/results. The exit code is 1 unless every target is met.
 */
import { runSuites, type Suite } from './harness/suite.ts';
import { agent } from './suites/agent.ts';
import { commit } from './suites/commit.ts';
import { entries } from './suites/entries.ts';
import { metrics } from './suites/metrics.ts';

const SUITES: readonly Suite[] = [agent, commit, metrics, entries];

const args = process.argv.slice(2);
const named = args.filter((each, index) => SUITES.some(({ name }) => name === each) && args[index - 1] !== '--only');
await runSuites(
  named.length === 0 ? SUITES : SUITES.filter(({ name }) => named.includes(name)),
  args.filter((each) => !named.includes(each)),
);
