import type { BootFile, BootUnit } from '../../domain/boot/boot-input.ts';
import type { RootedTree } from './rooted-tree.ts';

const FILE_BYTES_MAX = 65_536;
/** In the order of precedence. */
export const UNIT_PARENTS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((parent) => `${parent}/systemd/system`);

/** Names in the directories of links that `systemctl enable` creates. */
export async function enabledUnits(tree: RootedTree): Promise<ReadonlySet<string>> {
  return new Set((await Promise.all(UNIT_PARENTS.map((parent) => wantedIn(tree, parent)))).flat());
}

/** The file of a unit and its drop-ins. Undefined if it has no file, or is masked. */
export async function readUnit(tree: RootedTree, name: string): Promise<BootUnit | undefined> {
  const files = await readUnitFiles(tree, name, UNIT_PARENTS);
  return files?.[0]?.content.kind === 'text' ? { name, files } : undefined;
}

/** The unit file with the highest precedence, then its drop-ins in the order in which systemd reads them. `undefined`: the unit file does not exist. */
export async function readUnitFiles(tree: RootedTree, name: string, parents: readonly string[]): Promise<readonly BootFile[] | undefined> {
  // `name@instance.service` is made from `name@.service`.
  const names = name.includes('@') ? [name, name.replace(/@[^.]*/, '@')] : [name];
  const [unit] = await readEach(
    tree,
    names.flatMap((each) => parents.map((parent) => `${parent}/${each}`)),
  );
  return unit && [unit, ...(await dropIns(tree, name, parents))];
}

async function wantedIn(tree: RootedTree, parent: string): Promise<readonly string[]> {
  const directories = (await namesIn(tree, parent)).filter((name) => /\.(wants|requires)$/.test(name));
  return (await Promise.all(directories.map((directory) => namesIn(tree, `${parent}/${directory}`)))).flat();
}

async function dropIns(tree: RootedTree, unit: string, parents: readonly string[]): Promise<readonly BootFile[]> {
  const byName = new Map<string, string>();
  for (const parent of parents.toReversed()) {
    const directory = `${parent}/${unit}.d`;
    for (const name of await namesIn(tree, directory)) if (name.endsWith('.conf')) byName.set(name, `${directory}/${name}`);
  }
  const sorted = [...byName].sort(([a], [b]) => (a < b ? -1 : 1));
  return readEach(
    tree,
    sorted.map(([, path]) => path),
  );
}

/** Sorted; empty if the directory cannot be listed. */
export async function namesIn(tree: RootedTree, directory: string): Promise<readonly string[]> {
  const found = await tree.list(directory);
  return found === undefined || 'errno' in found ? [] : found;
}

async function readEach(tree: RootedTree, paths: readonly string[]): Promise<readonly BootFile[]> {
  return (await Promise.all(paths.map((path) => tree.read(path, FILE_BYTES_MAX)))).filter((file) => file !== undefined);
}
