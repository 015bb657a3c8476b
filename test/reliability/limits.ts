/**
 * Runs the service under each limit (processes, memory, file descriptors, full and read-only disks, a locked database) and sends every request
 * of the OpenAPI document. Each response must be a success or an accurate problem document, the service must survive, and every request must
 * succeed again, without a restart, once the limit is lifted. Exits with code 1 otherwise.
 *
 *     node test/reliability/limits.ts [--limit TEXT] [--entries N] [--dist DIR]
 */
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../kernel/support/run.ts';
import { NAMESPACE } from './clients/client.ts';
import { LIMITS } from './limits/limit-list.ts';
import { tryLimit, type LimitResult } from './limits/try-limit.ts';
import { furnish, requireEnclosure, runAllEnclosed } from './support/enclosure.ts';
import { copyProduct } from './support/product.ts';
import { scratchDirectory } from './support/scratch.ts';

const { values } = parseArgs({
  options: {
    /** Only limits whose name contains this. */
    limit: { type: 'string', default: '' },
    /** In each of the two namespaces. */
    entries: { type: 'string', default: '20000' },
    dist: { type: 'string', default: 'dist' },
    /** Directory of the product. Set by this script when it starts itself in separate namespaces. */
    enclosed: { type: 'string' },
  },
});

const FACTORY = join(import.meta.dirname, '../support/entry-factory-process.ts');

if (values.enclosed === undefined) await outside();
else await inside(values.enclosed);

async function inside(product: string): Promise<void> {
  const directory = await furnish(product);
  const dataDir = join(directory, 'data');
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'limits-run', '/run']);
  await run('ip', ['netns', 'add', NAMESPACE]);
  const create = [process.execPath, FACTORY, 'create', '--count', values.entries];
  await run('sh', ['-c', 'exec "$@"', 'sh', ...create]);
  await run('ip', ['netns', 'exec', NAMESPACE, ...create]);
  await mkdir(dataDir, { mode: 0o700 });
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0700,size=64m', 'limits-data', dataDir]);
  const arguments_ = ['token', 'create', '--name', 'limits', '--scope', 'all', '--data-dir', dataDir];
  const token = (await run(process.execPath, [join(product, 'dist/main.js'), ...arguments_])).trim();
  const limit = LIMITS.find(({ name }) => name === values.limit);
  if (!limit) throw new Error(`There is no limit "${values.limit}".`);
  process.stdout.write(JSON.stringify(await tryLimit(limit, { product, dataDir, token })));
  await rm(`${dataDir}.img`, { force: true });
}

async function outside(): Promise<void> {
  await requireEnclosure();
  const product = join(scratchDirectory('limits'), 'product');
  await copyProduct(resolve(values.dist), product);
  const chosen = LIMITS.filter(({ name }) => name.includes(values.limit));
  const jobs = chosen.map(({ name }) => ['--enclosed', product, '--limit', name, '--entries', values.entries]);
  const results = await runAllEnclosed<LimitResult>(import.meta.filename, jobs, (result) => process.stdout.write(figures(result)));
  const problems = results.reduce((sum, result) => sum + result.problems.length, 0);
  process.stdout.write(`limits ${results.length} of ${chosen.length}, problems ${problems}\n`);
  if (problems > 0) process.exitCode = 1;
}

function figures({ limit, requests, statuses, codes, unanswered, problems }: LimitResult): string {
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name}: ${count}`)
      .join(', ');
  const without = unanswered > 0 ? `, connections closed ${unanswered}` : '';
  return [
    `${limit}: ${requests} requests (${list(statuses)})${without}, refusals (${list(codes)}), problems ${problems.length}`,
    ...problems.map((problem) => `  ${problem}`),
    '',
  ].join('\n');
}
