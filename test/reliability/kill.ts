/**
 * Kills the service at every system call that touches its journal, the kernel's files or the boot files, restarts it each time, and
 * compares what the journal says with what the host is. Says how many changes are on no record and how many rows the host contradicts;
 * ends with code 1 unless both are 0, and unless a deliberately wrong build is found out.
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
    /** Points a scenario. */
    sample: { type: 'string', default: '12' },
    scenario: { type: 'string' },
    point: { type: 'string' },
    mutant: { type: 'string' },
    dist: { type: 'string', default: 'dist' },
    json: { type: 'boolean', default: false },
    /** Set by this script itself when it runs in its own namespaces: where the product is. */
    enclosed: { type: 'string' },
  },
});

const MUTANT_SCENARIOS = ['change', 'persist'];

if (values.enclosed === undefined) await outside();
else await inside(values.enclosed);

/** One scenario, its result on standard output. */
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

/** The product as it is, then with each of its deliberate faults. */
function wantedBuilds(): readonly (Mutant | undefined)[] {
  const { mutant, point, scenario } = values;
  const isTelling = point === undefined && (scenario === undefined || MUTANT_SCENARIOS.includes(scenario));
  if (mutant === undefined) return isTelling ? [undefined, ...MUTANTS] : [undefined];
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
  const say = (text: string): boolean => values.json || process.stdout.write(text);
  if (mutant) say(`with the deliberate fault "${mutant.name}":\n`);
  const results = await runAllEnclosed<SweepResult>(import.meta.filename, jobs, (result) => say(figures(result, mutant !== undefined)));
  say(totals(results));
  if (values.json) process.stdout.write(`${JSON.stringify({ mutant: mutant?.name, results })}\n`);
  if (!verdict(results, mutant !== undefined)) process.exitCode = 1;
}
