import type { BootLine } from './boot-line.ts';
import type { BootLoading } from './boot-result.ts';
import type { BootFilesFound, BootInput } from './boot-input.ts';
import { initramfsRequests, loadRequests, type LoadRequest } from './parse/load-requests.ts';
import type { ArgumentSource } from './parse/kernel-arguments.ts';
import { initramfsConfig, installLine, isBlacklisted, modprobeConfig, optionsOf, type ModprobeConfig } from './parse/modprobe-config.ts';
import type { ModprobeCommand } from './parse/modprobe-line.ts';
import { findModule } from './parse/module-names.ts';
import { reapplyingRules, type ReapplyingRule } from './parse/udev-rule.ts';

/** One possible course of the boot. Each unknown is simulated both ways. */
export interface Scenario {
  readonly builtIn: boolean;
  readonly init: 'systemd' | 'other';
  /** A firewall that is not ordered after systemd-sysctl, and that runs before it in this scenario. */
  readonly firewallFirst?: BootLine;
}

/** How connection tracking is loaded, and with which options. */
export interface LoadingPlan {
  readonly scenario: Scenario;
  readonly loading: BootLoading;
  /** The configuration that kmod uses to load the module: the copy in the initramfs if it is loaded there. */
  readonly config: ModprobeConfig;
  /** The options of the module, in order; none from files if it is built in. */
  readonly options: readonly ArgumentSource[];
  readonly rules: readonly ReapplyingRule[];
  /** A command that runs instead of loading the module. */
  readonly install?: ModprobeCommand;
}

export function planLoading({ files, kernel }: BootInput, scenario: Scenario): LoadingPlan {
  const module = kernel.layout;
  const present = modprobeConfig(files, module);
  const rules = scenario.init === 'systemd' ? reapplyingRules(files, module) : [];
  const sysctlBy = scenario.init === 'systemd' ? 'systemd' : 'procps';
  const common = { sysctlBy, ...(rules[0] !== undefined && { reappliedByRule: rules[0].at }) } as const;
  if (scenario.builtIn) {
    return { scenario, loading: { builtIn: true, when: 'before-sysctl', ...common }, config: present, options: [], rules };
  }
  if (module === 'ip_conntrack') return planLegacy(present, scenario);
  const early = firstThatLoads(initramfsRequests(files), module, initramfsConfig(files), files);
  const request = early ?? firstThatLoads(loadRequests(files, scenario.init), module, present, files);
  const config = request?.config ?? present;
  const by = request?.request.at ?? scenario.firewallFirst;
  const install = installLine(config, module);
  const extra = request?.request.parameters;
  const options = optionsOf(config, request?.names ?? [module]);
  return {
    scenario,
    loading: {
      builtIn: false,
      when: by === undefined ? 'late' : 'before-sysctl',
      ...(by !== undefined && { by }),
      ...common,
    },
    config,
    options: extra === undefined || request === undefined ? options : [...options, { text: extra, at: request.request.at }],
    rules,
    ...(install !== undefined && { install }),
  };
}

/** Init scripts of the ip_conntrack era run sysctl -p again after the network, and with it the firewall, has started. */
function planLegacy(config: ModprobeConfig, scenario: Scenario): LoadingPlan {
  const install = installLine(config, 'ip_conntrack');
  return {
    scenario,
    loading: { builtIn: false, when: 'before-sysctl', sysctlBy: 'procps' },
    config,
    options: optionsOf({ ...config, commandLine: undefined }, ['ip_conntrack']),
    rules: [],
    ...(install !== undefined && { install }),
  };
}

interface Loading {
  readonly request: LoadRequest;
  readonly names: readonly string[];
  readonly config: ModprobeConfig;
}

function firstThatLoads(
  requests: readonly LoadRequest[],
  module: string,
  config: ModprobeConfig | undefined,
  { modules }: BootFilesFound,
): Loading | undefined {
  if (config === undefined) return undefined;
  for (const request of requests) {
    const found = findModule(request.name, module, config, modules);
    if (found === undefined || (request.obeysBlacklist && isBlacklisted(config, found.target))) continue;
    return { request, names: found.optionNames, config };
  }
  return undefined;
}
