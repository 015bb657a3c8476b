import type { ModuleTree } from '../boot-input.ts';
import { matchesName } from './glob.ts';
import { aliasedModules, softDependents, type ModprobeConfig } from './modprobe-config.ts';
import { underscores } from './modprobe-line.ts';

/** Modules known to depend on connection tracking, used if the lists of depmod are unavailable. */
const KNOWN_DEPENDENTS =
  /^(nf_nat(_\w+)?|nf_conntrack_(?!ipv[46]$)\w+|nf_conncount|nf_flow_table(_\w+)?|nf_synproxy_core|nft_(ct|nat|masq|redir|chain_nat|connlimit|flow_offload|synproxy)|xt_(conntrack|state|nat|MASQUERADE|REDIRECT|NETMAP|CT|connmark|connlimit|connbytes|connlabel|helper|cluster)|ip6?table_nat|ip_vs(_\w+)?|openvswitch|act_ct|act_connmark|act_ctinfo)$/;

/** The modules that loading a name leads to, as far as connection tracking is concerned. */
export interface FoundModule {
  /** The first module loaded for it: connection tracking itself or a module that depends on it. */
  readonly target: string;
  /** Names under which options count for connection tracking. */
  readonly optionNames: readonly string[];
}

/** @returns undefined if loading `name` does not load `module` */
export function findModule(name: string, module: string, config: ModprobeConfig, tree: ModuleTree | undefined): FoundModule | undefined {
  const requested = underscores(name);
  const aliased = aliasedModules(config, requested);
  const targets = aliased.length > 0 ? aliased : [isOtherName(requested, tree) ? module : requested];
  const target = targets.find((candidate) => loads(candidate, module, config, tree));
  if (target === undefined) return undefined;
  return { target, optionNames: target === module && requested !== module ? [module, requested] : [module] };
}

function isOtherName(name: string, tree: ModuleTree | undefined): boolean {
  if (tree === undefined || tree.names.has(name)) return false;
  return tree.aliases.some((pattern) => matchesName(pattern, name));
}

function loads(target: string, module: string, config: ModprobeConfig, tree: ModuleTree | undefined): boolean {
  if (target === module || softDependents(config, module).includes(target)) return true;
  return tree === undefined ? KNOWN_DEPENDENTS.test(target) : tree.dependents.has(target);
}

/** Whether a name related to connection tracking does not lead to any module of this kernel. */
export function leadsNowhere(name: string, config: ModprobeConfig, tree: ModuleTree | undefined): boolean {
  const requested = underscores(name);
  if (tree === undefined || !/conntrack|^nf_|^nft_|^xt_/.test(requested)) return false;
  if (tree.names.has(requested) || isOtherName(requested, tree)) return false;
  return aliasedModules(config, requested).every((target) => !tree.names.has(target));
}
