import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from '../../test/kernel/support/run.ts';

/** The commit that targets compare with, before the service was made lighter. */
export const REFERENCE = '56e428d';
const WORK = resolve('.bench');

/** Path of `main.js` of a build of the reference commit, which is made once: this takes about two minutes and needs the npm registry. */
export async function referenceBuild(): Promise<string> {
  const checkout = join(WORK, REFERENCE);
  const main = join(checkout, 'dist/main.js');
  if (existsSync(main)) return main;
  rmSync(checkout, { recursive: true, force: true });
  mkdirSync(WORK, { recursive: true });
  await run('git', ['clone', '--quiet', resolve('.'), checkout]);
  await run('git', ['-C', checkout, 'checkout', '--quiet', REFERENCE]);
  await run('sh', ['-c', `cd "$1" && npm ci --no-audit --no-fund && npm run build`, 'sh', checkout], { timeout: 600_000 });
  return main;
}
