/**
 * Kills the service at random moments while 8 clients change, persist, confirm, roll back and delete entries, in its own network namespace and
 * in a named one; restarts it each time, and compares the journal with the host and with the responses that the clients got. Exits with code 1
 * unless every count of problems is 0.
 *
 *     node test/reliability/kill-clients.ts [--kills N] [--seed N] [--mutant NAME] [--dist DIR]
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Rounds, type RoundsResult } from './clients/rounds.ts';
import { furnish, requireEnclosure, runAllEnclosed } from './support/enclosure.ts';
import { copyProduct, MUTANTS } from './support/product.ts';
import { scratchDirectory } from './support/scratch.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    dist: { type: 'string', default: 'dist' },
    /** Directory of the product. Set by this script when it starts itself in separate namespaces. */
    enclosed: { type: 'string' },
  },
});

/** From this number on, each of these must have been acknowledged, or the run has tested less than it reports. */
const KILLS_FOR_EVERY_KIND = 6;
const KINDS = ['change', 'confirmation', 'rollback', 'deletion'];

if (values.enclosed === undefined) await outside();
else await inside(values.enclosed);

async function inside(product: string): Promise<void> {
  const directory = await furnish(product);
  const dataDir = join(directory, 'data');
  await mkdir(dataDir, { mode: 0o700 });
  const rounds = await Rounds.prepare(product, dataDir, Number(values.seed));
  process.stdout.write(JSON.stringify(await rounds.run(Number(values.kills))));
}

async function outside(): Promise<void> {
  await requireEnclosure();
  const mutant = MUTANTS.find(({ name }) => name === values.mutant);
  if (values.mutant !== undefined && !mutant) throw new Error(`There is no mutant "${values.mutant}".`);
  const product = join(scratchDirectory('kill-clients'), 'product');
  await copyProduct(resolve(values.dist), product, mutant);
  const job = ['--enclosed', product, '--kills', values.kills, '--seed', values.seed];
  await runAllEnclosed<RoundsResult>(import.meta.filename, [job], report);
}

function report(result: RoundsResult): void {
  const { kills, requests, acknowledged, restarts, lost, unexplained, overdue, wrong } = result;
  const of = Object.entries(acknowledged).map(([kind, count]) => `${kind} ${count}`);
  const total = Object.values(acknowledged).reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `seed ${values.seed}: ${kills} kills beside 8 clients, ${requests} requests, ${total} acknowledged changes (${of.join(', ')})\n` +
      `acknowledged changes lost ${lost.length}, unexplained values ${unexplained.length}, unconfirmed values after their window ${overdue.length}, ` +
      `responses that are not accurate ${wrong.length}, failed starts ${restarts.failed.length}, recovered changes ${restarts.recovered}\n`,
  );
  const problems = [...lost, ...unexplained, ...overdue, ...wrong, ...restarts.failed];
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
  const missing = KINDS.filter((kind) => !(kind in acknowledged));
  if (kills >= KILLS_FOR_EVERY_KIND && missing.length > 0) process.stdout.write(`  never acknowledged: ${missing.join(', ')}\n`);
  if (problems.length > 0 || (kills >= KILLS_FOR_EVERY_KIND && missing.length > 0)) process.exitCode = 1;
}
