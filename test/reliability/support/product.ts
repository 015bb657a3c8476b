import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A deliberate fault in the built product, which the test suites must detect. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Must match, or the mutant proves nothing. */
  readonly from: RegExp;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    // Applies the change first, then records intent and outcome.
    name: 'record-last',
    file: 'dist/application/change/change-host.js',
    from: /await turn\.open\(intent\);\s*(const outcome = await this\.applyChange\.run\(.*\);)/,
    to: '$1 await turn.open(intent);',
  },
];

/** Copies the built product, so that later builds do not affect it, and applies one mutation if given. */
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
  if (!from.test(text))
    throw new Error(`Mutant ${name}: expected ${file} to match ${String(from)}. Update the mutant to the current source.`);
  await writeFile(path, text.replace(from, to));
}
