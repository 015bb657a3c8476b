import type { ModuleAlias, ModuleTree } from '../../domain/boot/boot-input.ts';
import { underscores } from '../../domain/boot/parse/modprobe-line.ts';
import type { RootedTree } from './rooted-tree.ts';

const LIST_BYTES_MAX = 16_777_216;

/** Reads the lists that depmod wrote for this kernel; undefined if there are none. */
export async function readModuleTree(tree: RootedTree, release: string): Promise<ModuleTree | undefined> {
  const directory = `/lib/modules/${release}`;
  const list = async (name: string): Promise<string> => (await tree.text(`${directory}/${name}`, LIST_BYTES_MAX)) ?? '';
  const dependencies = await tree.text(`${directory}/modules.dep`, LIST_BYTES_MAX);
  if (dependencies === undefined) return undefined;
  const softdeps = await tree.read(`${directory}/modules.softdep`, LIST_BYTES_MAX);
  return {
    dependencies: new Map(linesOf(dependencies).flatMap(dependenciesIn)),
    builtIn: new Set(linesOf(await list('modules.builtin')).map(moduleName)),
    aliases: [...aliasesIn(await list('modules.alias')), ...aliasesOfBuiltIn(await list('modules.builtin.modinfo'))],
    ...(softdeps !== undefined && { softdeps }),
  };
}

/** `kernel/a.ko: kernel/b.ko kernel/c.ko`: the last one is loaded first. */
function dependenciesIn(line: string): readonly (readonly [string, readonly string[]])[] {
  const colon = line.indexOf(':');
  if (colon === -1) return [];
  const needed = line
    .slice(colon + 1)
    .split(' ')
    .filter(Boolean)
    .map(moduleName);
  return [[moduleName(line.slice(0, colon)), needed.reverse()]];
}

function aliasesIn(text: string): readonly ModuleAlias[] {
  return linesOf(text).flatMap((line) => {
    const [verb, pattern, module] = line.split(' ');
    return verb === 'alias' && pattern !== undefined && module !== undefined && isRequested(pattern) ? [aliasOf(pattern, module)] : [];
  });
}

/** Records that end with a NUL: `module.alias=pattern`. */
function aliasesOfBuiltIn(text: string): readonly ModuleAlias[] {
  return text.split('\0').flatMap((record) => {
    const [, module, pattern] = /^([^.=]+)\.alias=(.*)$/s.exec(record) ?? [];
    return module !== undefined && pattern !== undefined && isRequested(pattern) ? [aliasOf(pattern, module)] : [];
  });
}

/** Most aliases are addresses of devices (`pci:…`), which only the kernel requests. */
function isRequested(pattern: string): boolean {
  return !pattern.includes(':');
}

function aliasOf(pattern: string, module: string): ModuleAlias {
  return { pattern: underscores(pattern), module: underscores(module) };
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** `nf_conntrack` for `kernel/net/netfilter/nf_conntrack.ko.xz`. */
function moduleName(path: string): string {
  return underscores(path.slice(path.lastIndexOf('/') + 1).replace(/\.ko(\.\w+)?$/, ''));
}
