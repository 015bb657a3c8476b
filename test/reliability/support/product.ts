import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../../kernel/support/run.ts';

interface Edit {
  readonly name: string;
  /** Path of the compiled file, before it is bundled. */
  readonly file: string;
  /** Must match, or the edit has no effect. */
  readonly from: RegExp;
  readonly to: string;
}

/** A deliberate fault in the built product, which the test suites must detect. */
export type Mutant = Edit;

/** The suites persist values, which is refused outside the initial network namespace, and run in a namespace of their own. */
const IN_ENCLOSURE: Edit = {
  name: 'as in the initial network namespace',
  file: 'kernel/running-kernel.js',
  from: /'initial' : 'child'/,
  to: "'initial' : 'initial'",
};

export const MUTANTS: readonly Mutant[] = [
  {
    // Applies the change first, then records intent and outcome.
    name: 'record-last',
    file: 'application/change/change-host.js',
    from: /await turn\.open\(intent\);\s*(const outcome = await this\.applyChange\.run\(.*\);)/,
    to: '$1 await turn.open(intent);',
  },
];

/** Bundles the built product with its edits into a directory, so that later builds do not affect it. */
export async function copyProduct(dist: string, directory: string, mutant?: Mutant): Promise<void> {
  const checkout = resolve(dist, '..');
  const compiled = join(directory, 'build');
  await mkdir(directory, { recursive: true });
  await cp(dist, join(directory, 'dist'), { recursive: true });
  await cp(join(checkout, 'build'), compiled, { recursive: true });
  for (const part of ['migrations', 'package.json']) await cp(join(checkout, part), join(directory, part), { recursive: true });
  await symlink(join(checkout, 'node_modules'), join(directory, 'node_modules'));
  for (const each of mutant ? [IN_ENCLOSURE, mutant] : [IN_ENCLOSURE]) await edit(compiled, each);
  await run(process.execPath, [join(checkout, 'scripts/bundle/bundle.js'), compiled, join(directory, 'dist')]);
}

async function edit(compiled: string, { name, file, from, to }: Edit): Promise<void> {
  const path = join(compiled, file);
  const text = await readFile(path, 'utf8');
  if (!from.test(text)) throw new Error(`Edit "${name}": expected ${file} to match ${String(from)}. Update it to the current source.`);
  await writeFile(path, text.replace(from, to));
}
