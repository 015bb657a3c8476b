import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A deliberate fault in the built product, which the suites must detect. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Must match, otherwise the mutant is the unmodified product. */
  readonly from: RegExp;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    // Applies the change first and records intent and outcome afterwards.
    name: 'record-last',
    file: 'dist/application/change/change-gate.js',
    from: /const id = this\.open\(intent\);\s*return this\.record\(id, await carryOut\(\)\);/,
    to: 'const done = await carryOut(); const id = this.open(intent); return this.record(id, done);',
  },
];

/** Copies the built product, so that a new build does not affect it, and applies the mutation, if any. */
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
  if (!from.test(text)) throw new Error(`Mutant ${name}: ${file} does not match ${String(from)}. Update the mutant.`);
  await writeFile(path, text.replace(from, to));
}
