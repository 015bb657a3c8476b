import type { ModuleTree } from '../../domain/boot/boot-input.ts';
import type { Layout } from '../../domain/layout.ts';
import type { RootedTree } from './rooted-tree.ts';

const LIST_BYTES_MAX = 16_777_216;

/** Reads the lists that depmod wrote for this kernel; undefined if there are none. */
export async function readModuleTree(tree: RootedTree, release: string, module: Layout): Promise<ModuleTree | undefined> {
  const directory = `/lib/modules/${release}`;
  const dependencies = await tree.text(`${directory}/modules.dep`, LIST_BYTES_MAX);
  if (dependencies === undefined) return undefined;
  const aliases = (await tree.text(`${directory}/modules.alias`, LIST_BYTES_MAX)) ?? '';
  const builtin = (await tree.text(`${directory}/modules.builtin`, LIST_BYTES_MAX)) ?? '';
  const names = new Set<string>(builtin.split('\n').filter(Boolean).map(moduleName));
  const dependents = new Set<string>();
  for (const line of dependencies.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const name = moduleName(line.slice(0, colon));
    names.add(name);
    if (
      line
        .slice(colon + 1)
        .split(' ')
        .filter(Boolean)
        .map(moduleName)
        .includes(module)
    )
      dependents.add(name);
  }
  return { names, dependents, aliases: patternsFor(aliases, module) };
}

function patternsFor(text: string, module: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [verb, pattern, name] = line.split(' ');
    return verb === 'alias' && pattern !== undefined && name === module ? [pattern.replaceAll('-', '_')] : [];
  });
}

/** `nf_conntrack` for `kernel/net/netfilter/nf_conntrack.ko.xz`. */
function moduleName(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}
