import { applyWrites, overrideLine, type BootRun } from './boot-run.ts';
import { bootArguments } from './parse/kernel-command-line.ts';
import { kernelArguments } from './parse/kernel-arguments.ts';
import { describe } from './ledger.ts';
import { loadsModules, type LoadingPlan } from './loading.ts';
import type { BlacklistedModule } from './parse/kernel-command-line.ts';
import { readParameters, settingsFrom, type ModuleParameters, type RefusedParameter } from './parse/module-parameters.ts';
import { optionsOf } from './parse/modprobe-config.ts';
import { exchangeSeparators } from './parse/sysctl-key.ts';

/** `install`: a command runs instead, and its effect is unknown. */
export type LoadOutcome = 'loaded' | 'fails' | 'install';

/** Applies the parameters that the kernel gives connection tracking when it starts. */
export function loadModule(run: BootRun, plan: LoadingPlan): LoadOutcome {
  return plan.scenario.builtIn ? startBuiltIn(run, plan) : load(run, plan);
}

function startBuiltIn(run: BootRun, plan: LoadingPlan): LoadOutcome {
  const { sources, findings } = run;
  const module = sources.kernel.layout;
  for (const { at, text } of optionsOf({ ...plan.config, commandLine: undefined }, [module])) {
    const { given } = readParameters(kernelArguments([{ text, at }]));
    for (const { name, value } of settingsFrom({ given, overridden: [], refused: [] }, sources.kernel.bucketsPerPage))
      run.ledger.override(name, at, 'built-in', 'Connection tracking is built into the kernel, so modprobe.d has no effect.', value);
    findings.add('MODPROBE_IGNORED_BUILT_IN', 'warning', `${describe(at)} has no effect: connection tracking is built into the kernel.`, {
      settings: ['buckets'],
      lines: [at],
      remedy: `Put ${module}.hashsize= on the kernel command line.`,
    });
  }
  const booted = bootArguments(sources.files.commandLine);
  const own = booted
    .filter(({ name }) => name.startsWith(`${module}.`))
    .map((argument) => ({ ...argument, name: argument.name.slice(module.length + 1) }));
  const parameters = readParameters(own);
  for (const refused of parameters.refused) noteIgnored(run, refused);
  if (parameters.refused.some(({ tooLarge }) => tooLarge)) return fail(run, parameters.refused);
  decideParameters(run, parameters, 'command-line');
  const writes = booted.flatMap(({ name, value, at }) => {
    const [, key] = /^sysctl[./](.*)$/.exec(name) ?? [];
    return key === undefined || value === undefined ? [] : [{ path: exchangeSeparators(key), value, at, ignoresErrors: true }];
  });
  applyWrites(run, { writes, dropped: [] });
  return 'loaded';
}

function load(run: BootRun, plan: LoadingPlan): LoadOutcome {
  const { sources, findings } = run;
  const { install, refused } = plan;
  if (refused !== undefined) return refuse(run, refused);
  if (install !== undefined) {
    const message = `${describe(install.at)} runs a command instead of loading ${sources.kernel.layout}: the resulting values are unknown.`;
    const remedy = 'Replace the install line with a line in modules-load.d and an options line in modprobe.d.';
    findings.add('INSTALL_LINE', 'warning', message, { lines: [install.at], remedy });
    if (!loadsModules(install)) {
      findings.add(
        'BOOT_UNKNOWN',
        'error',
        `The command at ${describe(install.at)} does not seem to load ${sources.kernel.layout} at all.`,
        { lines: [install.at] },
      );
      markAllUnknown(run);
      return 'fails';
    }
  }
  const parameters = readParameters(kernelArguments(plan.options));
  if (parameters.refused.length > 0) return fail(run, parameters.refused);
  decideParameters(run, parameters, 'file');
  if (install === undefined) return 'loaded';
  markAllUnknown(run);
  return 'install';
}

function refuse(run: BootRun, { name, at }: BlacklistedModule): LoadOutcome {
  const module = run.sources.kernel.layout;
  const needed = name === module ? '' : `, and ${module} needs it`;
  const message = `${at.text} on the kernel command line keeps the kernel from loading ${name}${needed}. Firewall rules that need it do not load either.`;
  run.findings.add('MODULE_FAILS_TO_LOAD', 'error', message, { lines: [at], remedy: `Remove ${name} from ${at.text}.` });
  markAllUnknown(run);
  return 'fails';
}

function decideParameters(run: BootRun, parameters: ModuleParameters, origin: 'file' | 'command-line'): void {
  const { sources, ledger } = run;
  const { kernel, files } = sources;
  const onCommandLine = (path: string): boolean => path === files.commandLine?.path;
  for (const { name, value, at, by } of parameters.overridden) {
    const reason = onCommandLine(by.path) && !onCommandLine(at.path) ? 'command-line-wins' : 'overridden-by-later-line';
    const alone = { given: new Map([[name, { value, at }]]), overridden: [], refused: [] };
    for (const each of settingsFrom(alone, kernel.bucketsPerPage).filter(
      (setting) => setting.name !== 'max' && setting.name !== 'expect_max',
    ))
      ledger.override(each.name, at, reason, `${describe(by)} comes later.`, each.value);
  }
  for (const { name, value, at } of settingsFrom(parameters, kernel.bucketsPerPage)) {
    if (!kernel.live.includes(name)) continue;
    const derived = name === 'max' || name === 'expect_max';
    const from = origin === 'command-line' || onCommandLine(at.path) ? 'command-line' : 'file';
    ledger.set(name, { setBy: 'parameter', origin: derived ? 'derived' : from, value, effective: at });
  }
}

function fail(run: BootRun, refused: readonly RefusedParameter[]): LoadOutcome {
  const { findings, sources } = run;
  const module = sources.kernel.layout;
  for (const { at, why, name } of refused) {
    const message = `${describe(at)}: ${why}. ${module} does not load, and neither do firewall rules that need it.`;
    findings.add('MODULE_FAILS_TO_LOAD', 'error', message, { settings: [], lines: [at], remedy: `Correct or remove ${name}.` });
    if (name === 'hashsize') overrideLine(run, 'buckets', at, undefined, 'refused-by-kernel', `${why}.`);
  }
  markAllUnknown(run);
  return 'fails';
}

function noteIgnored({ findings, ledger }: BootRun, { at, why, name }: RefusedParameter): void {
  findings.add('COMMAND_LINE_INVALID', 'warning', `The kernel ignores ${at.text}: ${why}.`, {
    lines: [at],
    remedy: `Correct or remove ${name}.`,
  });
  if (name === 'hashsize') ledger.override('buckets', at, 'refused-by-kernel', `${why}.`);
}

function markAllUnknown({ ledger, sources }: BootRun): void {
  for (const name of sources.kernel.live) ledger.markUnknown(name);
}
