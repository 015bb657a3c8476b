import type { BootRun } from '../boot-run.ts';
import { describe, samePlace } from '../ledger.ts';
import type { LoadingPlan } from '../loading.ts';
import { readSysctl } from '../parse/kernel-value.ts';
import { settingAt } from '../parse/sysctl-key.ts';
import type { SettingName } from '../../setting.ts';
import type { OtherWrite } from './other-write.ts';

/** Applies what other programs set. Where it is not known whether, when or to what, the value becomes unknown. */
export function applyOtherWrites(run: BootRun, plan: LoadingPlan, writes: readonly OtherWrite[]): void {
  const decidedBy = new Map<SettingName, string>();
  for (const write of writes) {
    const name = nameOf(run, write);
    if (name === undefined || !run.sources.kernel.live.includes(name)) continue;
    if (isTooEarly(plan, write)) {
      run.ledger.override(name, write.at, 'module-loads-late', `The module is not loaded yet when ${write.program} runs.`);
      continue;
    }
    const isSet = run.ledger.current(name).setBy === 'sysctl' && decidedBy.get(name) !== write.program;
    const effect = apply(run, name, write, mayDecide(plan, write, isSet));
    if (effect === 'decided') decidedBy.set(name, write.program);
    if (effect === 'unknown') decidedBy.delete(name);
  }
}

/** The settings that some of the programs may set after the module is loaded. */
export function settingsSetAgain(run: BootRun, plan: LoadingPlan, writes: readonly OtherWrite[]): ReadonlySet<SettingName> {
  return new Set(writes.filter((write) => !isTooEarly(plan, write)).flatMap((write) => nameOf(run, write) ?? []));
}

function nameOf({ sources }: BootRun, { path }: OtherWrite): SettingName | undefined {
  return settingAt(sources.kernel.layout, path, sources.files.formerPaths);
}

/** They run early in the boot, and only write to files that exist. */
function isTooEarly({ loading }: LoadingPlan, { program }: OtherWrite): boolean {
  return (program === 'systemd-tmpfiles' || program === 'systemd-sysctl.service') && loading.when === 'late';
}

/** @param isDecisive whether the program sets it after everything else */
function apply(run: BootRun, name: SettingName, write: OtherWrite, isDecisive: boolean): 'decided' | 'unknown' | 'unchanged' {
  const { ledger } = run;
  const value = valueOf(run, name, write);
  if (value === 'refused') return 'unchanged';
  const current = ledger.current(name);
  const isSame = value !== undefined && value === current.value && current.origin !== 'unknown';
  if (write.source === undefined || !isSame)
    ledger.alsoSet(name, { ...write.at, program: write.program, ...(value !== undefined && { value }) });
  if (isSame && (current.setBy !== undefined || !isDecisive)) return 'unchanged';
  if (value !== undefined && isDecisive) {
    ledger.set(name, { setBy: 'sysctl', origin: 'file', value, effective: write.source ?? write.at });
    if (!isSame) report(run, name, write, true);
    return 'decided';
  }
  ledger.markUnknown(name);
  report(run, name, write, false);
  return 'unknown';
}

/** @param isSet whether the sysctl run, or another program before, has set the value */
function mayDecide({ loading, scenario }: LoadingPlan, { order, isCertain, loads, program }: OtherWrite, isSet: boolean): boolean {
  if (!isCertain) return false;
  const isLoaded = loads || loading.when === 'before-sysctl';
  if (order === 'late') return isLoaded;
  // Not ordered after systemd-modules-load either.
  return !isSet && (program === 'systemd-tmpfiles' ? scenario.builtIn : isLoaded);
}

function valueOf({ sources: { kernel, files } }: BootRun, name: SettingName, { value }: OtherWrite): number | 'refused' | undefined {
  if (value === undefined) return undefined;
  const { ticksPerSecond } = files;
  const read = readSysctl(name, value, { perPage: kernel.bucketsPerPage, ...(ticksPerSecond !== undefined && { ticksPerSecond }) });
  return read.kind === 'accepted' ? read.value : read.kind === 'refused' ? 'refused' : undefined;
}

function report({ findings }: BootRun, name: SettingName, { program, at, source }: OtherWrite, isDecided: boolean): void {
  const lines = source === undefined || samePlace(source, at) ? [at] : [at, source];
  const who = `${program} (${describe(at)})`;
  if (isDecided) {
    findings.add('ALSO_SET', 'information', `Also set by ${who}, after sysctls are set.`, { settings: [name], lines });
    return;
  }
  findings.add('ALSO_SET', 'warning', `Also set by ${who}. Which value remains is unknown.`, {
    settings: [name],
    lines,
    remedy: `Set the same value there, or in the configuration of ${program} only.`,
  });
}
