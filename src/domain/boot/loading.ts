import type { BootLine } from './boot-line.ts';
import type { BootLoading } from './boot-result.ts';
import type { BootFilesFound, BootInput } from './boot-input.ts';
import { describe } from './ledger.ts';
import { initramfsRequests, loadRequests, type LoadRequest } from './parse/load-requests.ts';
import type { ServiceRuns } from './parse/boot-services.ts';
import type { ArgumentSource } from './parse/kernel-arguments.ts';
import { refusedByKernel, type BlacklistedModule } from './parse/kernel-command-line.ts';
import type { LoadStep } from './parse/kmod-steps.ts';
import { initramfsConfig, installLine, modprobeConfig, optionsOf, type ModprobeConfig } from './parse/modprobe-config.ts';
import type { ModprobeCommand } from './parse/modprobe-line.ts';
import { requiredSteps, resultOf } from './parse/module-names.ts';
import { installCommands } from './parse/install-commands.ts';
import { udevCommands, type CommandAt } from './parse/udev-rule.ts';

/** One possible course of the boot. Each unknown is simulated both ways. */
export interface Scenario {
  readonly builtIn: boolean;
  readonly init: 'systemd' | 'other';
  /** The services of systemd: one that may run or not does either here. */
  readonly services: ServiceRuns;
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
  /** Commands of udev rules that set settings again when the module is loaded. */
  readonly rules: readonly CommandAt[];
  /** Commands of an `install` line that loads the module and then sets settings. */
  readonly afterLoading: readonly CommandAt[];
  /** Requests that would load the module, and that systemd-modules-load skips. */
  readonly skipped: readonly SkippedRequest[];
  /** A command that runs instead of loading the module, or one that it needs. */
  readonly install?: ModprobeCommand;
  /** The kernel refuses to load this module. */
  readonly refused?: BlacklistedModule;
}

export interface SkippedRequest {
  readonly at: BootLine;
  readonly code: 'MODULE_BLACKLISTED' | 'BOOT_SERVICE_OFF';
  readonly why: string;
  /** The lines that make systemd-modules-load skip it. */
  readonly by: readonly BootLine[];
  readonly remedy: string;
}

const NOTHING_TO_LOAD = { options: [], afterLoading: [], skipped: [] };

export function planLoading({ files, kernel }: BootInput, scenario: Scenario): LoadingPlan {
  const module = kernel.layout;
  const present = modprobeConfig(files, module);
  const rules = scenario.init === 'systemd' ? udevCommands(files, module).onLoad : [];
  const sysctlBy = scenario.init === 'systemd' ? 'systemd' : 'procps';
  const common = { sysctlBy, ...(rules[0] !== undefined && { reappliedByRule: rules[0].at }) } as const;
  if (scenario.builtIn) {
    return { ...NOTHING_TO_LOAD, scenario, loading: { builtIn: true, when: 'before-sysctl', ...common }, config: present, rules };
  }
  if (module === 'ip_conntrack') return planLegacy(present, scenario);
  const early = firstThatLoads(initramfsRequests(files), module, initramfsConfig(files), files);
  const { loading, skipped } = early.loading
    ? early
    : requestedOf(scenario, firstThatLoads(loadRequests(files, scenario.init), module, present, files));
  const config = loading?.config ?? present;
  const by = loading?.request.at ?? scenario.firewallFirst;
  const steps = requiredSteps(module, config, files);
  const install = steps.find((step) => step.install !== undefined && (step.module === module || !loadsModules(step.install)))?.install;
  const afterLoading = install === undefined ? undefined : installCommands(install, module);
  const refused = refusedModule(steps, files);
  const extra = loading?.request.parameters;
  const options = loading?.step.options ?? optionsOf(config, [module]);
  return {
    scenario,
    loading: {
      builtIn: false,
      when: by === undefined ? 'late' : 'before-sysctl',
      ...(by !== undefined && { by }),
      ...common,
    },
    config,
    options: extra === undefined || loading === undefined ? options : [...options, { text: extra, at: loading.request.at }],
    rules,
    afterLoading: afterLoading ?? [],
    skipped,
    ...(install !== undefined && afterLoading === undefined && { install }),
    ...(refused !== undefined && { refused }),
  };
}

/** Without its service, what modules-load.d requests is not loaded. */
function requestedOf({ init, services }: Scenario, requested: Requested): Requested {
  const { modulesLoad } = services;
  const { loading, skipped } = requested;
  if (init === 'other' || modulesLoad.kind !== 'off') return requested;
  if (loading === undefined) return { skipped };
  const { why, lines } = modulesLoad;
  const remedy = 'Run: systemctl unmask systemd-modules-load.service, and remove what turns it off.';
  return { skipped: [...skipped, { at: loading.request.at, code: 'BOOT_SERVICE_OFF', why, by: lines, remedy }] };
}

function blacklisted({ at, name }: LoadRequest, by: BootLine): SkippedRequest {
  const why = `systemd-modules-load skips ${name}, because ${describe(by)} blacklists it`;
  const remedy = `Remove the line ${describe(by)}, which blacklists the module.`;
  return { at, code: 'MODULE_BLACKLISTED', why, by: [by], remedy };
}

/** Whether a command of an `install` line seems to load a module at all. */
export function loadsModules({ rest }: ModprobeCommand): boolean {
  return /\b(modprobe|insmod)\b/.test(rest);
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
    afterLoading: [],
    skipped: [],
    ...(install !== undefined && { install }),
  };
}

interface Loading {
  readonly request: LoadRequest;
  readonly step: LoadStep;
  readonly config: ModprobeConfig;
}

interface Requested {
  /** The first request that loads connection tracking. */
  readonly loading?: Loading;
  readonly skipped: readonly SkippedRequest[];
}

function firstThatLoads(
  requests: readonly LoadRequest[],
  module: string,
  config: ModprobeConfig | undefined,
  found: BootFilesFound,
): Requested {
  const skipped: SkippedRequest[] = [];
  if (config === undefined) return { skipped };
  for (const request of requests) {
    const { step, skippedBy } = resultOf(request, module, config, found);
    if (step !== undefined) return { loading: { request, step, config }, skipped };
    if (skippedBy !== undefined) skipped.push(blacklisted(request, skippedBy));
  }
  return { skipped };
}

/** The module that the kernel's command line keeps from loading: connection tracking, or one that it needs. */
function refusedModule(steps: readonly LoadStep[], { commandLine }: BootFilesFound): BlacklistedModule | undefined {
  return refusedByKernel(commandLine).find(({ name }) => steps.some(({ module }) => module === name));
}
