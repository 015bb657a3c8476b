import type { BootLoading, BootSetting } from './boot-result.ts';
import type { BootInput } from './boot-input.ts';
import { applyWrites, loseWrites, newRun, type BootRun } from './boot-run.ts';
import type { Findings } from './findings/finding-list.ts';
import { loadModule } from './load-module.ts';
import { planLoading, type LoadingPlan, type Scenario } from './loading.ts';
import { compareProcps } from './compare/procps-difference.ts';
import { byProcps, bySystemd, sysctlFiles, type SysctlFiles } from './parse/sysctl-files.ts';
import { unorderedFirewalls } from './parse/unordered-firewalls.ts';
import { noteUnread } from './unread-lines.ts';

export interface ScenarioResult {
  readonly loading: BootLoading;
  readonly settings: readonly BootSetting[];
}

/** Goes through the boot in the order in which it happens. */
export function runScenario(sources: BootInput, scenario: Scenario, findings: Findings): ScenarioResult {
  const plan = planLoading(sources, scenario);
  const found = sysctlFiles(sources);
  const run = newRun(sources, findings);
  const outcome = loadModule(run, plan);
  if (outcome === 'fails') {
    loseWrites(run, sysctlRun(run, plan, found), 'module-fails', 'Connection tracking does not load, so there is nothing to set.');
  } else if (plan.loading.when === 'late') runLate(run, plan, found);
  else runInTime(run, plan, found);
  if (outcome === 'install' && plan.loading.when === 'late') blurAll(run);
  if (outcome !== 'fails') blurForUnreadable(run, found);
  noteUnread(run, plan, found);
  const loading: BootLoading = outcome === 'fails' ? { ...plan.loading, when: 'fails' } : plan.loading;
  const settings = run.ledger.settings();
  return { loading, settings: outcome === 'loaded' ? compareProcps(run, plan, found, settings) : settings };
}

export function sysctlRun({ sources }: BootRun, { scenario }: LoadingPlan, found: SysctlFiles): ReturnType<typeof bySystemd> {
  return scenario.init === 'systemd' ? bySystemd(found, sources) : byProcps(found, sources);
}

function runInTime(run: BootRun, plan: LoadingPlan, found: SysctlFiles): void {
  applyWrites(run, sysctlRun(run, plan, found));
  const before = new Map(run.ledger.names().map((name) => [name, run.ledger.current(name).value]));
  for (const { prefixes } of plan.rules) applyWrites(run, bySystemd(found, run.sources, prefixes));
  for (const [name, value] of before) {
    if (run.ledger.current(name).value === value) continue;
    run.ledger.markUnknown(name);
    const message = `A udev rule sets ${name} again when the module is added, to another value; which comes last is a matter of chance.`;
    run.findings.add('BOOT_UNKNOWN', 'warning', message, { settings: [name], lines: plan.rules.map(({ at }) => at) });
  }
}

function runLate(run: BootRun, plan: LoadingPlan, found: SysctlFiles): void {
  const { sources, ledger, findings } = run;
  for (const { prefixes } of plan.rules) applyWrites(run, bySystemd(found, sources, prefixes));
  const all = sysctlRun(run, plan, found);
  const kept = new Set(
    plan.rules.flatMap(({ prefixes }) => bySystemd(found, sources, prefixes).writes.map(({ at, path }) => `${at.path}:${at.line}:${path}`)),
  );
  const lost = {
    writes: all.writes.filter(({ at, path }) => !kept.has(`${at.path}:${at.line}:${path}`)),
    dropped: plan.rules.length > 0 ? [] : all.dropped,
  };
  const losing = newRun(sources, findings).ledger;
  loseWrites({ ...run, ledger: losing }, lost, 'module-loads-late', '');
  loseWrites(run, lost, 'module-loads-late', 'When sysctls are set the module is not loaded yet, and there is nothing to write to.');
  const names = losing
    .settings()
    .filter(({ overridden }) => overridden.length > 0)
    .map(({ name }) => name);
  if (names.length === 0) return;
  const rule = plan.rules[0];
  const lines = lost.writes
    .map(({ at }) => at)
    .filter((at) =>
      losing.settings().some(({ overridden }) => overridden.some((other) => other.path === at.path && other.line === at.line)),
    );
  if (rule === undefined) {
    const isRace = unorderedFirewalls(sources.files).length > 0;
    const message = isRace
      ? 'Connection tracking may be loaded after sysctls were set: these values are then lost.'
      : 'Connection tracking is loaded after sysctls were set: these values are lost.';
    findings.add('SYSCTL_LOST_MODULE_LATE', 'error', message, {
      settings: names.filter((name) => ledger.current(name).setBy !== 'sysctl'),
      lines,
      remedy: 'Load the module at boot: a line with its name in a file of modules-load.d.',
    });
  } else {
    findings.add(
      'ALIAS_MISSED_BY_RULE',
      'warning',
      'The udev rule that sets sysctls again does not reach these lines: its prefix leaves them out.',
      {
        settings: names,
        lines: [...lines, rule.at],
        remedy: 'Write the key under net.netfilter, not the alias.',
      },
    );
  }
}

function blurAll({ ledger, sources }: BootRun): void {
  for (const name of sources.kernel.live) ledger.markUnknown(name);
}

/** A file that cannot be read here may ask for anything; lines of files after it still win. */
function blurForUnreadable(run: BootRun, { order, unreadable }: SysctlFiles): void {
  const { ledger, findings, sources } = run;
  const last = order.read.findLastIndex((file) => unreadable.includes(file));
  for (const file of unreadable) {
    const reason = file.content.kind === 'unreadable' ? file.content.reason : '';
    const message = `${file.path} takes part in the boot and cannot be read here (${reason}).`;
    findings.add('FILE_UNREADABLE', 'warning', message, { remedy: 'Make it readable for the service, or remove it.' });
  }
  if (last === -1) return;
  const after = new Set(order.read.slice(last + 1).map(({ path }) => path));
  for (const name of sources.kernel.live) {
    const { effective } = ledger.current(name);
    if (effective === undefined || !after.has(effective.path)) ledger.markUnknown(name);
  }
}
