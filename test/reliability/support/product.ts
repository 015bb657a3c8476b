import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A deliberate fault in the built product, which the suites must find. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Must be found, or the mutant proves nothing. */
  readonly from: RegExp;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    // Carries the change out first and records it, intent and outcome, last.
    name: 'record-last',
    file: 'dist/application/change/change-gate.js',
    from: /const id = this\.open\(intent\);\s*return this\.record\(id, await carryOut\(\)\);/,
    to: 'const done = await carryOut(); const id = this.open(intent); return this.record(id, done);',
  },
];

/** A copy of the built product that no build disturbs, with one mutation if asked for. */
export async function copyProduct(dist: string, directory: string, mutant?: Mutant): Promise<void> {
  const checkout = resolve(dist, '..');
  await mkdir(directory, { recursive: true });
  await cp(dist, join(directory, 'dist'), { recursive: true });
  for (const part of ['migrations', 'package.json']) await cp(join(checkout, part), join(directory, part), { recursive: true });
  await symlink(join(checkout, 'node_modules'), join(directory, 'node_modules'));
  if (mutant) await mutate(directory, mutant);
}

async function mutate(directory: string, { name, file, from, to }: Mutant): Promise<void> {
  const path = join(directory, file);
  const text = await readFile(path, 'utf8');
  if (!from.test(text)) throw new Error(`Mutant ${name}: ${file} has nothing like ${String(from)} any more. Bring the mutant up to date.`);
  await writeFile(path, text.replace(from, to));
}
