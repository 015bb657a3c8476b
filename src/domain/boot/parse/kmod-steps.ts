import type { BootLine } from '../boot-line.ts';
import type { ModuleTree } from '../boot-input.ts';
import { matchesName } from './glob.ts';
import type { ArgumentSource } from './kernel-arguments.ts';
import { aliasesOf, blacklistLine, installLine, optionsOf, softdepOf, type ModprobeConfig } from './modprobe-config.ts';
import { underscores, type ModprobeCommand } from './modprobe-line.ts';

/** Which `blacklist` lines count: modprobe obeys them for aliases only, systemd-modules-load and `modprobe -b` for every name they are given. */
export type Blacklisting = 'aliases' | 'every-name';

/** A module that kmod loads, or a command that it runs instead. */
export interface LoadStep {
  readonly module: string;
  /** In order. Options of the alias under which the module was requested count too. */
  readonly options: readonly ArgumentSource[];
  /** The command that runs instead. */
  readonly install?: ModprobeCommand;
  /** If it fails, the steps after it are not taken. */
  readonly isRequired: boolean;
}

/** What kmod does for one of the modules that a name leads to. */
export interface Loading {
  readonly target: string;
  /** In order; empty if a line blacklists the target. */
  readonly steps: readonly LoadStep[];
  readonly blacklistedBy?: BootLine;
}

/** A module as kmod keeps it: under an alias it is another object than under its own name. */
interface Module {
  readonly name: string;
  readonly alias?: string;
}

/**
 * Follows `modprobe NAME` through aliases, dependencies, softdeps, install commands and blacklists (libkmod-module.c). Several aliases may lead
 * to several modules; each is loaded. Empty if no module has the name.
 */
export function loadingsOf(name: string, config: ModprobeConfig, tree: ModuleTree, blacklisting: Blacklisting): readonly Loading[] {
  return lookUp(name, config, tree).map((module) => {
    const blacklistedBy = blacklisting === 'every-name' || module.alias !== undefined ? blacklistLine(config, module.name) : undefined;
    if (blacklistedBy !== undefined) return { target: module.name, steps: [], blacklistedBy };
    return { target: module.name, steps: new ProbeList(config, tree).stepsOf(module) };
  });
}

/** How a module is loaded that another module needs: under its own name, blacklisted or not. */
export function stepsOf(name: string, config: ModprobeConfig, tree: ModuleTree): readonly LoadStep[] {
  return new ProbeList(config, tree).stepsOf({ name });
}

function lookUp(name: string, config: ModprobeConfig, tree: ModuleTree): readonly Module[] {
  const wanted = underscores(name);
  const configured = aliasesOf(config, wanted);
  if (configured.length > 0) return configured.map(({ subject, rest }) => ({ name: rest, alias: subject }));
  const isCommand = config.commands.some(({ verb, subject }) => (verb === 'install' || verb === 'remove') && subject === wanted);
  if (tree.dependencies.has(wanted) || isCommand) return [{ name: wanted }];
  const aliased = tree.aliases.filter(({ pattern }) => matchesPattern(pattern, wanted));
  if (aliased.length > 0) return aliased.map(({ module }) => ({ name: module, alias: wanted }));
  return tree.builtIn.has(wanted) ? [{ name: wanted }] : [];
}

/** There are thousands of patterns: most differ before their first wildcard. */
function matchesPattern(pattern: string, name: string): boolean {
  const [literal = ''] = /^[^*?[\\]*/.exec(pattern) ?? [];
  if (literal.length === pattern.length) return pattern === name;
  return name.startsWith(literal) && matchesName(pattern, name);
}

/** kmod_module_get_probe_list(): what is loaded for a module, in order. A module may be in it several times. */
class ProbeList {
  private readonly config: ModprobeConfig;
  private readonly tree: ModuleTree;
  private readonly found: Module[] = [];
  private readonly visited = new Set<string>();
  private readonly required = new Set<string>();
  /** Modules with softdeps: kmod does not run their install commands. */
  private readonly withoutCommand = new Set<string>();

  constructor(config: ModprobeConfig, tree: ModuleTree) {
    this.config = config;
    this.tree = tree;
  }

  stepsOf(target: Module): readonly LoadStep[] {
    this.visit(target, true);
    return this.found.flatMap((module) => this.stepOf(module));
  }

  private stepOf(module: Module): readonly LoadStep[] {
    const { name, alias } = module;
    const install = this.withoutCommand.has(keyOf(module)) ? undefined : installLine(this.config, name);
    if (install === undefined && !this.tree.dependencies.has(name)) return [];
    const options = optionsOf(this.config, alias === undefined ? [name] : [name, alias]).filter(({ text }) => text !== '');
    return [{ module: name, options, ...(install !== undefined && { install }), isRequired: this.required.has(keyOf(module)) }];
  }

  private visit(module: Module, isRequired: boolean): void {
    if (this.visited.has(keyOf(module))) return;
    this.visited.add(keyOf(module));
    const needed = (this.tree.dependencies.get(module.name) ?? []).map((name) => ({ name }));
    if (isRequired) for (const each of [module, ...needed]) this.required.add(keyOf(each));
    for (const each of needed) this.append(each);
    this.append(module);
  }

  private append(module: Module): void {
    const { pre, post } = softdepOf(this.config, module.name);
    const [before, after] = [pre, post].map((names) => names.flatMap((name) => lookUp(name, this.config, this.tree)));
    for (const each of before ?? []) this.visit(each, false);
    this.found.push(module);
    const hasSoftdeps = (before?.length ?? 0) + (after?.length ?? 0) > 0;
    if (hasSoftdeps) this.withoutCommand.add(keyOf(module));
    else this.withoutCommand.delete(keyOf(module));
    for (const each of after ?? []) this.visit(each, false);
  }
}

function keyOf({ name, alias }: Module): string {
  return alias === undefined ? name : `${name}\\${alias}`;
}
