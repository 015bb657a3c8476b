/**
 * Injects failing system calls, a full disk and a damaged database. Each request must get a success or a problem document. After the fault,
 * and again after a restart, the journal must agree with the host. A damaged database must never be replaced silently. Exits with code 1
 * unless every count except the number of cases is 0.
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
    /** Cases per suite. */
    sample: { type: 'string', default: '12' },
    suite: { type: 'string' },
    case: { type: 'string' },
    dist: { type: 'string', default: 'dist' },
    json: { type: 'boolean', default: false },
    /** Directory of the product. Set by this script when it starts itself in separate namespaces. */
    enclosed: { type: 'string' },
  },
});

if (values.enclosed === undefined) await outside();
else await inside(values.enclosed);

/** Runs one suite and prints its result as JSON. */
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
  const print = (text: string): boolean => values.json || process.stdout.write(text);
  const results = await runAllEnclosed<SuiteResult>(import.meta.filename, jobs, (result) => print(faultFigures(result)));
  print(faultTotals(results));
  if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  if (!isClean(results)) process.exitCode = 1;
}
