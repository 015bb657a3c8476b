/**
 * Boots virtual machines, changes and persists settings through the API of the service in them, reboots them, and compares the values after
 * the boot with the preview. Exits with code 1 unless every preview was correct, no value was lost, no boot was degraded by this service,
 * and a falsified preview is detected.
 *
 *     node test/reboot/reboot.ts [--full] [--scenario NAME]… [--flavour NAME]… [--jobs N] [--table FILE [--resume]]
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/scenarios.ts';
import { scratchDirectory } from '../reliability/support/scratch.ts';
import { baseImage, type BaseImage } from './support/base-image.ts';
import { makeBeginning, planFor } from './support/beginning.ts';
import { runCell } from './support/cell.ts';
import { FLAVOURS, type Flavour } from './support/flavours.ts';
import { makeProductDisk } from './support/product-disk.ts';
import { beginningLine, cellLines, isClean, lastLine, totalsOf } from './support/report.ts';
import type { Scenario } from './support/scenario.ts';
import { canBeFalsified, undetected } from './support/self-test.ts';
import { isSettled, rowsIn, writeTable, type Column } from './support/table.ts';
import { requireTools } from './support/tools.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    scenario: { type: 'string', multiple: true },
    flavour: { type: 'string', multiple: true },
    table: { type: 'string' },
    /** Runs only cells that are missing in the table or failed. */
    resume: { type: 'boolean', default: false },
    /** Number of parallel machines. */
    jobs: { type: 'string', default: '2' },
  },
});

const print = (text: string): boolean => process.stdout.write(text);
const scenarios = SCENARIOS.filter(({ name, short }) => values.scenario?.includes(name) ?? (values.full || short));
const flavours: readonly Flavour[] = FLAVOURS.filter(({ name }) => values.flavour?.includes(name) ?? (values.full || name === 'debian12'));
await requireTools();
const directory = scratchDirectory('reboot');
const [product, images] = await Promise.all([timed('product disk', makeProductDisk(resolve('.'), directory)), allImages()]);
const kept = await rowsIn(values.table ?? '');
const columns: Column[] = [];
await inParallel(images, async (image) => {
  const beginning = await makeBeginning(image, product, join(directory, image.flavour.name));
  print(beginningLine(beginning));
  columns.push({ beginning, results: [] });
});
await inParallel(
  scenarios.flatMap((scenario, index) =>
    columns.filter((column) => !values.resume || !isSettled(kept, column, scenario)).map((column) => ({ column, scenario, index })),
  ),
  ({ column, scenario, index }) => tryOut(column, scenario, `${column.beginning.image.flavour.name}-${index}`),
);
const totals = totalsOf(columns.flatMap(({ results }) => results));
const detectsFalsified = selfTest();
print(lastLine(totals));
if (!isClean(totals) || !detectsFalsified) process.exitCode = 1;

/** In sequence: two in parallel take as long, and twice the memory. */
async function allImages(): Promise<readonly BaseImage[]> {
  const images: BaseImage[] = [];
  for (const flavour of flavours) images.push(await baseImage(flavour));
  return images;
}

async function tryOut({ beginning, results }: Column, scenario: Scenario, name: string): Promise<void> {
  const place = join(directory, name);
  const result = await runCell(scenario, planFor(beginning, scenario, place), beginning.standard);
  await rm(place, { recursive: true, force: true });
  results.push(result);
  print(cellLines(result));
  await saveTable();
}

async function inParallel<Job>(jobs: readonly Job[], run: (job: Job) => Promise<void>): Promise<void> {
  const queue = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job; job = queue.shift()) await run(job);
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
}

/** Called after each cell, because a complete run takes long. */
async function saveTable(): Promise<void> {
  if (values.table !== undefined) await writeTable(values.table, SCENARIOS, columns, kept);
}

/** Whether falsified previews are detected, checked with the boots of this run. */
function selfTest(): boolean {
  const found = columns.flatMap(({ beginning, results }) =>
    results.filter((result) => canBeFalsified(result, beginning)).flatMap((result) => undetected(result, beginning)),
  );
  const tried = columns.some(({ beginning, results }) => results.some((result) => canBeFalsified(result, beginning)));
  if (!tried) print('no cell is suitable for testing the comparison\n');
  for (const name of new Set(found)) print(`the comparison does not detect that ${name}\n`);
  return tried && found.length === 0;
}

async function timed<Result>(what: string, work: Promise<Result>): Promise<Result> {
  const started = Date.now();
  const result = await work;
  print(`${what} created in ${((Date.now() - started) / 1_000).toFixed(0)} s\n`);
  return result;
}
