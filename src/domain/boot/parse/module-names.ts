import type { ModuleTree } from '../boot-input.ts';
import { matchesName } from './glob.ts';
import { aliasedModules, softDependents, type ModprobeConfig } from './modprobe-config.ts';
import { underscores } from './modprobe-line.ts';

/** Modules that are known to need connection tracking, for where depmod's lists are not there to ask. */
const KNOWN_DEPENDENTS =
  /^(nf_nat(_\w+)?|nf_conntrack_(?!ipv[46]$)\w+|nf_conncount|nf_flow_table(_\w+)?|nf_synproxy_core|nft_(ct|nat|masq|redir|chain_nat|connlimit|flow_offload|synproxy)|xt_(conntrack|state|nat|MASQUERADE|REDIRECT|NETMAP|CT|connmark|connlimit|connbytes|connlabel|helper|cluster)|ip6?table_nat|ip_vs(_\w+)?|openvswitch|act_ct|act_connmark|act_ctinfo)$/;

/** What a name that is asked for comes down to, as far as connection tracking is concerned. */
export interface FoundModule {
  /** The module that is loaded first for it: connection tracking itself or one that needs it. */
  readonly target: string;
  /** Names under which options count for connection tracking. */
  readonly optionNames: readonly string[];
}

/** @returns undefined where loading `name` does not bring `module` along */
export function findModule(name: string, module: string, config: ModprobeConfig, tree: ModuleTree | undefined): FoundModule | undefined {
  const asked = underscores(name);
  const aliased = aliasedModules(config, asked);
  const targets = aliased.length > 0 ? aliased : [isOtherName(asked, tree) ? module : asked];
  const target = targets.find((candidate) => brings(candidate, module, config, tree));
  if (target === undefined) return undefined;
  return { target, optionNames: target === module && asked !== module ? [module, asked] : [module] };
}

function isOtherName(name: string, tree: ModuleTree | undefined): boolean {
  if (tree === undefined || tree.names.has(name)) return false;
  return tree.aliases.some((pattern) => matchesName(pattern, name));
}

function brings(target: string, module: string, config: ModprobeConfig, tree: ModuleTree | undefined): boolean {
  if (target === module || softDependents(config, module).includes(target)) return true;
  return tree === undefined ? KNOWN_DEPENDENTS.test(target) : tree.dependents.has(target);
}

/** Whether a name that is about connection tracking leads to no module of this kernel. */
export function leadsNowhere(name: string, config: ModprobeConfig, tree: ModuleTree | undefined): boolean {
  const asked = underscores(name);
  if (tree === undefined || !/conntrack|^nf_|^nft_|^xt_/.test(asked)) return false;
  if (tree.names.has(asked) || isOtherName(asked, tree)) return false;
  return aliasedModules(config, asked).every((target) => !tree.names.has(target));
}
