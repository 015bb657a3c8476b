/**
 * Boots real machines, changes and persists settings through the API of the service that runs in them, reboots them, and compares the
 * values of the next boot with what the preview said before. Ends with code 1 unless every preview was right, nothing was lost, no boot
 * was degraded by us, and a falsified preview is found out.
 *
 *     node test/reboot/reboot.ts [--full] [--scenario NAME]… [--flavour NAME]… [--jobs N]
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/scenarios.ts';
import { scratchDirectory } from '../reliability/support/scratch.ts';
import { baseImage } from './support/base-image.ts';
import { makeBeginning, planFor, type Beginning } from './support/beginning.ts';
import { runCell, type CellResult } from './support/cell.ts';
import { FLAVOURS, type Flavour } from './support/flavours.ts';
import { makeProductDisk } from './support/product-disk.ts';
import { beginningLine, cellLines, isClean, lastLine, totalsOf } from './support/report.ts';
import { requireTools } from './support/tools.ts';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    scenario: { type: 'string', multiple: true },
    flavour: { type: 'string', multiple: true },
    jobs: { type: 'string', default: '2' },
  },
});

const say = (text: string): boolean => process.stdout.write(text);
await requireTools();
const directory = scratchDirectory('reboot');
const started = Date.now();
const product = await makeProductDisk(resolve('.'), directory);
say(`product disk made in ${((Date.now() - started) / 1_000).toFixed(0)} s\n`);
const flavours: readonly Flavour[] = FLAVOURS.filter(({ name }) => values.flavour?.includes(name) ?? (values.full || name === 'debian12'));
const scenarios = SCENARIOS.filter(({ name, short }) => values.scenario?.includes(name) ?? (values.full || short));
const results: CellResult[] = [];
for (const flavour of flavours) {
  const beginning = await makeBeginning(await baseImage(flavour), product, join(directory, flavour.name));
  say(beginningLine(beginning));
  await runCells(beginning);
}
const totals = totalsOf(results);
say(lastLine(totals));
if (!isClean(totals)) process.exitCode = 1;

async function runCells(beginning: Beginning): Promise<void> {
  const queue = [...scenarios];
  const work = async (): Promise<void> => {
    for (let scenario = queue.shift(); scenario; scenario = queue.shift()) {
      const place = join(directory, `${beginning.image.flavour.name}-${String(SCENARIOS.indexOf(scenario))}`);
      const result = await runCell(scenario, planFor(beginning, scenario, place), beginning.standard);
      results.push(result);
      say(cellLines(result));
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
}
