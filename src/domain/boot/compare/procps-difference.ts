import { applyWrites, newRun, type BootRun } from '../boot-run.ts';
import type { BootSetting } from '../boot-result.ts';
import { Findings } from '../findings/finding-list.ts';
import { loadModule } from '../load-module.ts';
import type { LoadingPlan } from '../loading.ts';
import { byProcps, bySysctlService, type SysctlFiles } from '../parse/sysctl-files.ts';

/** Adds the value that `sysctl --system` of procps would set from the same files, if it differs from systemd's. */
export function compareProcps(
  run: BootRun,
  plan: LoadingPlan,
  found: SysctlFiles,
  settings: readonly BootSetting[],
): readonly BootSetting[] {
  if (plan.scenario.init !== 'systemd') return settings;
  const [systemd, procps] = [loaded(run, plan), loaded(run, plan)];
  applyWrites(systemd, bySysctlService(found, run.sources));
  applyWrites(procps, byProcps(found, run.sources));
  const different: string[] = [];
  const compared = settings.map((setting) => {
    const [one, other] = [systemd.ledger.current(setting.name), procps.ledger.current(setting.name)];
    if (one.value === other.value) return setting;
    different.push(setting.name);
    return {
      ...setting,
      procps: {
        ...(other.value !== undefined && { value: other.value }),
        ...(other.effective !== undefined && { effective: other.effective }),
      },
    };
  });
  if (different.length > 0) {
    const message =
      'sysctl --system, run manually, would set other values than the boot does: it reads sysctl.conf last and no credential, and applies every line in turn.';
    run.findings.add('PROCPS_DIFFERS', 'information', message, { settings: different });
  }
  return compared;
}

/** With findings of its own, which are dropped: they have been reported already. */
function loaded({ sources }: BootRun, plan: LoadingPlan): BootRun {
  const run = newRun(sources, new Findings());
  loadModule(run, plan);
  return run;
}
