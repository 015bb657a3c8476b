import { namesIn } from '../enabled-units.ts';
import type { RootedTree } from '../rooted-tree.ts';

/** The paths that a pattern stands for: `*` at its end is any rest of a name. */
export async function expand(tree: RootedTree, pattern: string): Promise<readonly string[]> {
  if (!pattern.endsWith('*')) return [pattern];
  const slash = pattern.lastIndexOf('/');
  const [directory, beginning] = [pattern.slice(0, slash), pattern.slice(slash + 1, -1)];
  return (await namesIn(tree, directory)).filter((name) => name.startsWith(beginning)).map((name) => `${directory}/${name}`);
}
