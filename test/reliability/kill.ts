/**
 * Kills the service at each system call on its journal, the kernel's files or the boot files, restarts it each time, and compares the
 * journal with the host. Prints how many changes are unrecorded and how many journal entries contradict the host. Exits with code 1 unless
 * both are 0 and a deliberately faulty build is detected.
 *
 *     node test/reliability/kill.ts [--full | --sample N] [--scenario NAME] [--point N] [--mutant NAME] [--dist DIR] [--json]
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { furnish, requireEnclosure, runAllEnclosed } from './support/enclosure.ts';
import { copyProduct, MUTANTS, type Mutant } from './support/product.ts';
import { figures, totals, verdict } from './support/report.ts';
import { evenly } from './support/sample.ts';
import { SCENARIOS, scenarioNamed } from './support/scenarios.ts';
import { scratchDirectory } from './support/scratch.ts';
import { Stage } from './support/stage.ts';
import { sweep, type SweepResult } from './support/sweep.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    /** Points per scenario. */
    sample: { type: 'string', default: '12' },
    scenario: { type: 'string' },
    point: { type: 'string' },
    mutant: { type: 'string' },
    dist: { type: 'string', default: 'dist' },
    json: { type: 'boolean', default: false },
    /** Directory of the product. Set by this script when it starts itself in separate namespaces. */
    enclosed: { type: 'string' },
  },
});

const MUTANT_SCENARIOS = ['change', 'persist'];

if (values.enclosed === undefined) await outside();
else await inside(values.enclosed);

/** Runs one scenario and prints its result as JSON. */
async function inside(product: string): Promise<void> {
  const stage = new Stage(scenarioNamed(values.scenario), product, await furnish(product));
  const { point, sample } = values;
  const result = await sweep(stage, ({ length }) => (point === undefined ? evenly(length, Number(sample)) : [Number(point) - 1]));
  process.stdout.write(JSON.stringify(result));
}

async function outside(): Promise<void> {
  await requireEnclosure();
  const directory = scratchDirectory('kill');
  for (const mutant of wantedBuilds()) await sweepBuild(directory, mutant);
}

/** The unmodified product, then the product with each deliberate fault. */
function wantedBuilds(): readonly (Mutant | undefined)[] {
  const { mutant, point, scenario } = values;
  const coversMutants = point === undefined && (scenario === undefined || MUTANT_SCENARIOS.includes(scenario));
  if (mutant === undefined) return coversMutants ? [undefined, ...MUTANTS] : [undefined];
  const found = MUTANTS.filter(({ name }) => name === mutant);
  if (found.length === 0) throw new Error(`There is no mutant "${mutant}".`);
  return found;
}

async function sweepBuild(directory: string, mutant: Mutant | undefined): Promise<void> {
  const product = join(directory, mutant?.name ?? 'product');
  await copyProduct(resolve(values.dist), product, mutant);
  const usual = mutant ? MUTANT_SCENARIOS : SCENARIOS.map(({ name }) => name);
  const names = values.scenario === undefined ? usual : [values.scenario];
  const sample = values.full && !mutant ? String(Number.MAX_SAFE_INTEGER) : values.sample;
  const amount = values.point === undefined ? ['--sample', sample] : ['--point', values.point];
  const jobs = names.map((name) => ['--enclosed', product, '--scenario', name, ...amount]);
  const print = (text: string): boolean => values.json || process.stdout.write(text);
  if (mutant) print(`with the deliberate fault "${mutant.name}":\n`);
  const results = await runAllEnclosed<SweepResult>(import.meta.filename, jobs, (result) => print(figures(result, mutant !== undefined)));
  print(totals(results));
  if (values.json) process.stdout.write(`${JSON.stringify({ mutant: mutant?.name, results })}\n`);
  if (!verdict(results, mutant !== undefined)) process.exitCode = 1;
}
