import { join } from 'node:path';
import { calibrate } from './calibration.ts';
import { failureOf } from './failure.ts';
import { Host } from './host.ts';
import { isCompleteRun, readOptions, type Options } from './options.ts';
import { Progress } from './progress.ts';
import { addToHistory, factsOf, reportOf, store, toMarkdown, type Report } from './report.ts';
import type { Row, Workload } from './workload.ts';

const RESULTS = join(import.meta.dirname, '../results');

/** Workloads that share a table and a service, and whose results are stored in one file. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** For `--only`. */
  readonly workloads: readonly string[];
  rows(run: Run): Promise<readonly Row[]>;
}

export interface Run {
  readonly host: Host;
  readonly options: Options;
  readonly progress: Progress;
  readonly log: (line: string) => void;
}

/** Whether `--only` names the workload, or is absent. */
export function isSelected({ options: { only } }: Run, workload: string): boolean {
  return only?.includes(workload) ?? true;
}

/** The rows of a workload, from the run that was interrupted if it has them. */
export function rowsOf(
  run: Run,
  { name, targets }: Pick<Workload, 'name' | 'targets'>,
  measure: () => ReturnType<Workload['run']>,
): Promise<readonly Row[]> {
  return run.progress.rows(name, async () => {
    run.log(name);
    try {
      const results = await measure();
      return targets.map((target, index) => ({ ...target, ...(results[index] ?? { failure: 'nothing was measured' }) }));
    } catch (error) {
      return targets.map((target) => ({ ...target, failure: failureOf(error) }));
    }
  });
}

/**
 * Runs the suites, prints their reports and stores those of complete runs. The exit code is 1 unless every target is met.
 *
 * @param args options; see bench/run.ts
 */
export async function runSuites(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  try {
    const options = readOptions(
      args,
      suites.flatMap(({ workloads }) => workloads),
    );
    for (const suite of suites) {
      if (options.only && !suite.workloads.some((name) => options.only?.includes(name))) continue;
      log(`suite ${suite.name}`);
      const report = await reportOfSuite(suite, options, log);
      process.stdout.write(`${toMarkdown(report)}\n\n`);
      if (report.rows.some(({ met }) => !met)) process.exitCode = 1;
    }
  } catch (error) {
    process.stderr.write(`${failureOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** Each suite restores the host, so that the next begins with the same values. */
async function reportOfSuite(suite: Suite, options: Options, log: Run['log']): Promise<Report> {
  const host = await Host.prepare();
  try {
    const progress = await Progress.open(suite.name, `${String(options.entries)} entries, ${String(options.rounds)} rounds`);
    const calibration = await calibrate(host);
    const rows = await suite.rows({ host, options, progress, log });
    const report = reportOf({ ...factsOf(options.entries, options.rounds), ...calibration }, rows);
    if (isCompleteRun(options)) {
      store(report, RESULTS, suite);
      await addToHistory(report, RESULTS, suite.name);
      progress.end();
    }
    return report;
  } finally {
    await host.release();
  }
}
