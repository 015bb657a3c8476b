import type { BootFilesFound, ModuleAlias, ModuleTree } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { refusedByKernel } from './kernel-command-line.ts';
import { loadingsOf, stepsOf, type LoadStep } from './kmod-steps.ts';
import type { LoadRequest } from './load-requests.ts';
import type { ModprobeConfig } from './modprobe-config.ts';
import { underscores } from './modprobe-line.ts';

/** The result of a request to load a module, as far as connection tracking is concerned. */
export interface RequestResult {
  /** The step that loads connection tracking; absent if the request does not load it. */
  readonly step?: LoadStep;
  /** The line that makes systemd-modules-load skip a request that would load it. */
  readonly skippedBy?: BootLine;
}

export function resultOf(request: LoadRequest, module: string, config: ModprobeConfig, found: BootFilesFound): RequestResult {
  const tree = treeOf(found.modules, module);
  const loadings = loadingsOf(request.name, config, tree, request.obeysBlacklist ? 'every-name' : 'aliases');
  for (const { steps } of loadings) {
    for (const step of steps) {
      if (step.module === module) return { step };
      if (step.isRequired && fails(step, found)) break;
    }
  }
  const skipped = loadings.find(
    ({ target, blacklistedBy }) => blacklistedBy !== undefined && stepsOf(target, config, tree).some((step) => step.module === module),
  );
  return skipped?.blacklistedBy === undefined ? {} : { skippedBy: skipped.blacklistedBy };
}

/** The modules that connection tracking needs, and then itself, as it is loaded for a module that depends on it. */
export function requiredSteps(module: string, config: ModprobeConfig, { modules }: BootFilesFound): readonly LoadStep[] {
  return stepsOf(module, config, treeOf(modules, module)).filter(({ isRequired }) => isRequired);
}

function fails({ module, install }: LoadStep, { commandLine }: BootFilesFound): boolean {
  return refusedByKernel(commandLine).some(({ name }) => name === module) || /\bfalse\b|\bexit [1-9]/.test(install?.rest ?? '');
}

/** Whether a name related to connection tracking does not lead to any module of this kernel. */
export function leadsNowhere({ name, obeysBlacklist }: LoadRequest, config: ModprobeConfig, { modules }: BootFilesFound): boolean {
  if (modules === undefined || !/conntrack|^(nf|nft|xt|ipt|ip6t|ip_nat)_/.test(underscores(name))) return false;
  const targets = loadingsOf(name, config, modules, obeysBlacklist ? 'every-name' : 'aliases');
  const exists = (target: string): boolean => modules.dependencies.has(target) || modules.builtIn.has(target);
  return targets.every(({ target, steps }) => !exists(target) && steps.length === 0);
}

function treeOf(modules: ModuleTree | undefined, module: string): ModuleTree {
  if (modules !== undefined) return modules;
  const dependencies = new Map<string, readonly string[]>(KNOWN_DEPENDENTS.map((name) => [name, [module]]));
  return { dependencies: dependencies.set(module, []), builtIn: new Set(), aliases: formerNames(module) };
}

/** Used if the lists of depmod are unavailable: modules that depend on connection tracking on every kernel that has them. */
const KNOWN_DEPENDENTS = [
  ...['amanda', 'broadcast', 'ftp', 'h323', 'irc', 'netbios_ns', 'netlink', 'pptp', 'proto_gre', 'sane', 'sip', 'snmp', 'tftp'].map(
    (helper) => `nf_conntrack_${helper}`,
  ),
  ...['amanda', 'ftp', 'h323', 'irc', 'pptp', 'sip', 'snmp_basic', 'tftp'].map((helper) => `nf_nat_${helper}`),
  ...['nf_nat', 'nf_nat_ipv4', 'nf_nat_ipv6', 'nf_conncount', 'nf_flow_table', 'nf_flow_table_inet', 'nf_synproxy_core'],
  ...['ct', 'nat', 'masq', 'redir', 'chain_nat', 'connlimit', 'flow_offload', 'synproxy'].map((expression) => `nft_${expression}`),
  ...[
    'conntrack',
    'state',
    'nat',
    'MASQUERADE',
    'REDIRECT',
    'NETMAP',
    'CT',
    'connmark',
    'connlimit',
    'connbytes',
    'connlabel',
    'helper',
    'cluster',
  ].map((match) => `xt_${match}`),
  ...['iptable_nat', 'ip6table_nat', 'ip_vs', 'ip_vs_ftp', 'ip_vs_lc', 'ip_vs_rr', 'ip_vs_sh', 'ip_vs_wlc', 'ip_vs_wrr'],
  ...['openvswitch', 'act_ct', 'act_connmark', 'act_ctinfo'],
];

/** Names of the ip_conntrack era that kernels since then keep as aliases. */
function formerNames(module: string): readonly ModuleAlias[] {
  const aliases = KNOWN_DEPENDENTS.flatMap((name): readonly ModuleAlias[] => {
    const [, family, rest = ''] = /^(nf_conntrack|nf_nat|xt)_(.*)$/.exec(name) ?? [];
    if (family === 'xt') return ['ipt', 'ip6t'].map((table) => ({ pattern: `${table}_${rest}`, module: name }));
    return family === undefined ? [] : [{ pattern: `${family.replace('nf', 'ip')}_${rest}`, module: name }];
  });
  return [{ pattern: 'ip_conntrack', module }, ...aliases];
}
