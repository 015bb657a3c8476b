import type { BootSetting } from './boot-result.ts';
import { commandWrites } from './command-writes.ts';
import { newRun, overrideWrites, type BootRun } from './boot-run.ts';
import { samePlace } from './ledger.ts';
import type { LoadingPlan } from './loading.ts';
import { byProcps, bySysctlService, bySystemd, type SysctlFiles } from './parse/sysctl-files.ts';
import { fileOfArgument, type SysctlSelection } from './parse/systemd-sysctl-command.ts';
import type { SysctlWrites } from './parse/sysctl-writes.ts';

const NOTHING: SysctlWrites = { writes: [], dropped: [] };

/** What the boot writes when it sets sysctls, whether or not there is something to write to. */
export function sysctlRun({ sources }: BootRun, { scenario }: LoadingPlan, found: SysctlFiles): SysctlWrites {
  if (scenario.init === 'other') return byProcps(found, sources);
  const { sysctl } = scenario.services;
  return sysctl.kind === 'runs' ? bySysctlService(found, sources, sysctl.selection) : NOTHING;
}

/** Records the lines that systemd-sysctl would write, and does not because of how it is started here. */
export function noteSysctlService(run: BootRun, plan: LoadingPlan, found: SysctlFiles): void {
  const { sources, findings } = run;
  const { init, services } = plan.scenario;
  const { sysctl } = services;
  if (init === 'other' || sysctl.why === undefined) return;
  const { why, lines } = sysctl;
  if (sysctl.kind === 'changed') {
    const message = `${why}: the values that it sets are unknown.`;
    findings.add('BOOT_UNKNOWN', 'warning', message, { lines });
    for (const name of sources.kernel.live) run.ledger.markUnknown(name);
    return;
  }
  const written = [sysctlRun(run, plan, found), ...plan.rules.map(({ command, at }) => commandWrites(sources, found, command, at))];
  const missed = without(bySystemd(found, sources), written);
  const affected = settingsOverriddenBy(run, missed).map(({ name }) => name);
  overrideWrites(run, missed, 'service-off', `${why}.`);
  if (affected.length === 0) return;
  const message = `systemd-sysctl does not set these values at boot: ${why}.`;
  const remedy =
    sysctl.kind === 'off' ? 'Run: systemctl unmask systemd-sysctl.service, and remove what turns it off.' : 'Remove the drop-in.';
  findings.add('BOOT_SERVICE_OFF', 'error', message, { settings: affected, lines, remedy });
}

/** Files outside sysctl.d that a run of systemd-sysctl names: this service does not read them, so what they set is unknown. */
export function noteUnreadArguments(run: BootRun, { scenario, rules }: LoadingPlan): void {
  const { ledger, findings, sources } = run;
  const { sysctl } = scenario.services;
  const selections = [
    ...rules.flatMap(({ command }) => (command.kind === 'systemd' ? [command.selection] : [])),
    ...(sysctl.kind === 'runs' ? [sysctl.selection] : []),
  ];
  const unread = selections.flatMap(({ files }: SysctlSelection) =>
    files.filter((name) => name.startsWith('/') && fileOfArgument(sources.files, name) === undefined),
  );
  if (unread.length === 0) return;
  const message = `systemd-sysctl sets values from ${unread.join(', ')}, which this service does not read.`;
  findings.add('BOOT_UNKNOWN', 'warning', message, { lines: rules.map(({ at }) => at) });
  for (const name of sources.kernel.live) ledger.markUnknown(name);
}

/** The writes of `all` that none of `others` contains. */
export function without({ writes }: SysctlWrites, others: readonly SysctlWrites[]): SysctlWrites {
  const kept = others.flatMap((other) => other.writes);
  return { writes: writes.filter((write) => !kept.some(({ at, path }) => path === write.path && samePlace(at, write.at))), dropped: [] };
}

/** The settings that some of the writes are about, as if nothing else had been read. */
export function settingsOverriddenBy(run: BootRun, writes: SysctlWrites): readonly BootSetting[] {
  const { ledger } = newRun(run.sources, run.findings);
  overrideWrites({ ...run, ledger }, writes, 'module-loads-late', '');
  return ledger.settings().filter(({ overridden }) => overridden.length > 0);
}
