import { isBefore } from '../kernel-release.ts';
import type { BootLine } from './boot-line.ts';
import type { BootLoading, BootSetting } from './boot-result.ts';
import type { BootInput } from './boot-input.ts';
import { applyWrites, newRun, overrideWrites, type BootRun } from './boot-run.ts';
import { commandWrites } from './command-writes.ts';
import type { Findings } from './findings/finding-list.ts';
import { describe, samePlace } from './ledger.ts';
import { loadModule } from './load-module.ts';
import { planLoading, type LoadingPlan, type Scenario, type SkippedRequest } from './loading.ts';
import { compareProcps } from './compare/procps-difference.ts';
import { sysctlFiles, type SysctlFiles } from './parse/sysctl-files.ts';
import type { SysctlWrites } from './parse/sysctl-writes.ts';
import { unorderedFirewalls } from './parse/unordered-firewalls.ts';
import { noteSysctlService, noteUnreadArguments, settingsOverriddenBy, sysctlRun, without } from './sysctl-service.ts';
import { noteUnread } from './unread-lines.ts';
import { applyOtherWrites, settingsSetAgain } from './writers/apply-writers.ts';
import type { OtherWrite } from './writers/other-write.ts';
import { otherWrites } from './writers/other-writes.ts';

export interface ScenarioResult {
  readonly loading: BootLoading;
  readonly settings: readonly BootSetting[];
}

/** Follows the boot in the order in which it happens. */
export function runScenario(sources: BootInput, scenario: Scenario, findings: Findings): ScenarioResult {
  const plan = planLoading(sources, scenario);
  const found = sysctlFiles(sources);
  const run = newRun(sources, findings);
  const others = otherWrites(sources, found);
  const outcome = loadModule(run, plan);
  if (outcome === 'loaded') for (const { command, at } of plan.afterLoading) applyWrites(run, commandWrites(sources, found, command, at));
  if (outcome === 'fails') {
    overrideWrites(run, sysctlRun(run, plan, found), 'module-fails', 'Connection tracking does not load, so there is nothing to set.');
  } else if (plan.loading.when === 'late') runLate(run, plan, found, others);
  else runInTime(run, plan, found);
  if (outcome === 'install' && plan.loading.when === 'late') markAllUnknown(run);
  if (outcome !== 'fails') {
    noteSysctlService(run, plan, found);
    noteUnreadArguments(run, plan);
    applyOtherWrites(run, plan, others);
    markUnreadable(run, found);
  }
  noteUnread(run, plan, found);
  const loading: BootLoading = outcome === 'fails' ? { ...plan.loading, when: 'fails' } : plan.loading;
  const settings = run.ledger.settings();
  return { loading, settings: outcome === 'loaded' ? compareProcps(run, plan, found, settings) : settings };
}

function runInTime(run: BootRun, plan: LoadingPlan, found: SysctlFiles): void {
  applyWrites(run, sysctlRun(run, plan, found));
  const before = new Map(run.ledger.names().map((name) => [name, run.ledger.current(name).value]));
  applyRules(run, plan, found);
  for (const [name, value] of before) {
    if (run.ledger.current(name).value === value) continue;
    run.ledger.markUnknown(name);
    const message = `A udev rule sets ${name} to another value when the module is loaded. Which value remains is a matter of chance.`;
    run.findings.add('BOOT_UNKNOWN', 'warning', message, { settings: [name], lines: plan.rules.map(({ at }) => at) });
  }
}

/** The module is loaded after sysctls were set: only udev rules that set them again reach it. */
function runLate(run: BootRun, plan: LoadingPlan, found: SysctlFiles, others: readonly OtherWrite[]): void {
  applyRules(run, plan, found);
  noteEarlyEvent(run, plan);
  const lost = lostWrites(run, plan, found);
  const detail = 'The module is not loaded yet when sysctls are set, so there is nothing to write to.';
  const affected = settingsOverriddenBy(run, lost).filter(({ name, overridden }) => {
    const { setBy, value } = run.ledger.current(name);
    return setBy !== 'sysctl' || overridden.some((line) => line.value !== value);
  });
  overrideWrites(run, lost, 'module-loads-late', detail);
  noteSkipped(run, plan.skipped);
  const again = settingsSetAgain(run, plan, others);
  const mayReturn = affected.filter(({ name }) => again.has(name));
  if (affected.length > mayReturn.length)
    noteLate(
      run,
      plan,
      affected.filter(({ name }) => !again.has(name)),
      lost,
    );
  if (mayReturn.length > 0) noteMayReturn(run, plan, mayReturn, lost);
}

function noteSkipped({ sources, findings }: BootRun, skipped: readonly SkippedRequest[]): void {
  for (const { at, code, why, by, remedy } of skipped) {
    const message = `${describe(at)} is to load ${sources.kernel.layout} at boot, and does not: ${why}.`;
    const about = { lines: [at, ...by], remedy };
    if (code === 'BOOT_SERVICE_OFF') findings.add('BOOT_SERVICE_OFF', 'error', message, about);
    else findings.add('MODULE_BLACKLISTED', 'warning', message, about);
  }
}

/** What the sysctl run writes and no udev rule writes again. */
function lostWrites(run: BootRun, plan: LoadingPlan, found: SysctlFiles): SysctlWrites {
  const all = sysctlRun(run, plan, found);
  const again = [...plan.afterLoading, ...plan.rules];
  if (again.length === 0) return all;
  return without(
    all,
    again.map(({ command, at }) => commandWrites(run.sources, found, command, at)),
  );
}

function applyRules(run: BootRun, { rules }: LoadingPlan, found: SysctlFiles): void {
  for (const { command, at } of rules) applyWrites(run, commandWrites(run.sources, found, command, at));
}

/** Before Linux 5.11 udev may run a rule before the module has initialised, when there is nothing to write to. */
function noteEarlyEvent({ sources, ledger, findings }: BootRun, { rules }: LoadingPlan): void {
  const { release } = sources.kernel;
  if (rules.length === 0 || !isBefore(release, 5, 11)) return;
  const names = ledger.names().filter((name) => ledger.current(name).setBy === 'sysctl');
  for (const name of names) ledger.markUnknown(name);
  if (names.length === 0) return;
  const message = `Linux ${release ?? ''} announces a module before it has initialised: whether the udev rule finds anything to set is a matter of chance.`;
  const remedy = 'Load the module at boot: add a line with its name to a file in modules-load.d.';
  findings.add('BOOT_UNKNOWN', 'warning', message, { settings: names, lines: rules.map(({ at }) => at), remedy });
}

function noteLate(
  { sources, ledger, findings }: BootRun,
  { rules: [rule], skipped }: LoadingPlan,
  affected: readonly BootSetting[],
  lost: SysctlWrites,
): void {
  const lines = linesAbout(affected, lost);
  const names = affected.map(({ name }) => name);
  if (rule !== undefined) {
    const message = `The udev rule that sets sysctls again does not reach these lines: they are outside its prefix, so their values are lost.`;
    const remedy = 'Write the key as net.netfilter.nf_conntrack_max, not as the alias net.nf_conntrack_max.';
    findings.add('ALIAS_MISSED_BY_RULE', 'warning', message, { settings: names, lines: [...lines, rule.at], remedy });
    return;
  }
  const isRace = unorderedFirewalls(sources.files).length > 0;
  const message = isRace
    ? 'Connection tracking may be loaded after sysctls are set; these values are then lost.'
    : 'Connection tracking is loaded after sysctls are set: these values are lost.';
  findings.add('SYSCTL_LOST_MODULE_LATE', 'error', message, {
    settings: names.filter((name) => ledger.current(name).setBy !== 'sysctl'),
    lines,
    remedy: howToLoad(skipped),
  });
}

function noteMayReturn({ findings }: BootRun, { skipped }: LoadingPlan, affected: readonly BootSetting[], lost: SysctlWrites): void {
  const message =
    'Connection tracking may be loaded after sysctls are set: these values are then lost, unless another program sets them again.';
  findings.add('SYSCTL_LOST_MODULE_LATE', 'warning', message, {
    settings: affected.map(({ name }) => name),
    lines: linesAbout(affected, lost),
    remedy: howToLoad(skipped),
  });
}

function linesAbout(affected: readonly BootSetting[], { writes }: SysctlWrites): readonly BootLine[] {
  return writes.map(({ at }) => at).filter((at) => affected.some(({ overridden }) => overridden.some((other) => samePlace(other, at))));
}

function howToLoad([skipped]: readonly SkippedRequest[]): string {
  return skipped?.remedy ?? 'Load the module at boot: add a line with its name to a file in modules-load.d.';
}

function markAllUnknown({ ledger, sources }: BootRun): void {
  for (const name of sources.kernel.live) ledger.markUnknown(name);
}

/** A file that the service cannot read may set anything. Lines of files after it are still effective. */
function markUnreadable(run: BootRun, { order, unreadable }: SysctlFiles): void {
  const { ledger, findings, sources } = run;
  const last = order.read.findLastIndex((file) => unreadable.includes(file));
  for (const file of unreadable) {
    const reason = file.content.kind === 'unreadable' ? file.content.reason : '';
    const message = `The boot reads ${file.path}, and this service cannot read it (${reason}).`;
    findings.add('FILE_UNREADABLE', 'warning', message, { remedy: 'Make it readable for the service, or remove it.' });
  }
  if (last === -1) return;
  const after = new Set(order.read.slice(last + 1).map(({ path }) => path));
  for (const name of sources.kernel.live) {
    const { effective } = ledger.current(name);
    if (effective === undefined || !after.has(effective.path)) ledger.markUnknown(name);
  }
}
