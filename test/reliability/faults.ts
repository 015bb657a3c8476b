/**
 * Lets the service meet failing system calls, a disk that is full and a database that is damaged. Each request must be answered with success
 * or a problem document; when the fault is over, and again after a restart, the record must agree with the host; a damaged database must
 * never be replaced in silence. Ends with code 1 unless all figures but the number of cases are 0.
 *
 *     node test/reliability/faults.ts [--full | --sample N] [--suite NAME] [--case N] [--dist DIR] [--json]
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { furnish, requireEnclosure, runAllEnclosed } from './support/enclosure.ts';
import { faultFigures, faultTotals, isClean } from './support/fault-report.ts';
import { FAULT_SUITES, runSuite, type SuiteResult } from './support/fault-suites.ts';
import { copyProduct } from './support/product.ts';
import { evenly } from './support/sample.ts';
import { scratchDirectory } from './support/scratch.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    /** Cases a suite. */
    sample: { type: 'string', default: '12' },
    suite: { type: 'string' },
    case: { type: 'string' },
    dist: { type: 'string', default: 'dist' },
    json: { type: 'boolean', default: false },
    /** Set by this script itself when it runs in its own namespaces: where the product is. */
    enclosed: { type: 'string' },
  },
});

if (values.enclosed === undefined) await outside();
else await inside(values.enclosed);

/** One suite, its result on standard output. */
async function inside(product: string): Promise<void> {
  const choose = (length: number): readonly number[] =>
    values.case === undefined ? evenly(length, Number(values.sample)) : [Number(values.case) - 1];
  process.stdout.write(JSON.stringify(await runSuite(values.suite ?? '', product, await furnish(product), choose)));
}

async function outside(): Promise<void> {
  await requireEnclosure();
  const product = join(scratchDirectory('faults'), 'product');
  await copyProduct(resolve(values.dist), product);
  const names = values.suite === undefined ? FAULT_SUITES : [values.suite];
  const sample = values.full ? String(Number.MAX_SAFE_INTEGER) : values.sample;
  const amount = values.case === undefined ? ['--sample', sample] : ['--case', values.case];
  const jobs = names.map((name) => ['--enclosed', product, '--suite', name, ...amount]);
  const say = (text: string): boolean => values.json || process.stdout.write(text);
  const results = await runAllEnclosed<SuiteResult>(import.meta.filename, jobs, (result) => say(faultFigures(result)));
  say(faultTotals(results));
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  if (!isClean(results)) process.exitCode = 1;
}
