import { Injectable } from '@nestjs/common';
import type { ChangeKind, FileChange, SettingChange } from '../../domain/change.ts';
import type { BootResult } from '../../domain/boot/boot-result.ts';
import type { ChangePlan, PlannedStep } from '../../domain/change-plan.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { GuardEvidence } from '../../domain/guard/guard-config.ts';
import { whenRestoring, type Risk, type RiskCode } from '../../domain/risks/risk.ts';
import { assessRisks, expectedOf } from '../../domain/risks/setting-risks.ts';
import { otherWriterRisks } from '../../domain/risks/other-writer-risks.ts';
import { valuesAtBoot } from '../../domain/boot/compare/boot-differences.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';
import { notLoaded } from '../../domain/not-loaded.ts';
import { inSafeOrder } from '../../domain/write-order.ts';
import { KernelProcesses, KernelTable } from '../ports/kernel.ts';
import { AssessBootRisks } from './assess-boot-risks.ts';
import type { Persisting } from './persist-values.ts';
import { PreviewBoot } from '../table/preview-boot.ts';

/** A change as a use case decided it on the live state. */
export interface WantedChange {
  readonly kind: ChangeKind;
  readonly reason: string | null;
  readonly rollbackOf: number | null;
  readonly relatesTo: number | null;
  readonly settings: SettingValues;
  readonly files: readonly FileChange[];
  /** The values to persist; `files` are the changes that do so. */
  readonly persist: Persisting | null;
  /** Number of settings that are not restored because another writer changed them meanwhile. Above 0 the outcome is `diverged`. */
  readonly leftAlone?: number;
  /** Present if the capacity guard makes the change. */
  readonly guard?: GuardEvidence;
  /** Risks of the files, besides those that are assessed from the values. */
  readonly risks?: readonly Risk[];
}

/** Turns a wanted change into ordered steps, and assesses their risks on the host as it is now. Writes nothing. */
@Injectable()
export class PlanChange {
  constructor(
    private readonly table: KernelTable,
    private readonly preview: PreviewBoot,
    private readonly bootRisks: AssessBootRisks,
    private readonly processes: KernelProcesses,
  ) {}

  /**
   * @param hasWindow whether the change has a confirmation window
   * @throws ConntrackError `SETTING_NOT_WRITABLE`, `KERNEL_UNREADABLE`
   */
  async run(live: LiveSettings, wanted: WantedChange, hasWindow: boolean): Promise<ChangePlan> {
    const facts = await this.table.facts();
    const steps = inSafeOrder(Object.entries(wanted.settings).map(([name, requested]) => toSettingChange(live, name, requested)));
    const boot = await this.preview.afterwards(live, wanted.files);
    const expected = steps.map((step) => ({ ...step, expected: expectedOf(step.name, step.requested, facts) }));
    return {
      steps: expected,
      files: wanted.files,
      atNextBoot: valuesAtBoot(boot),
      risks: [
        ...(wanted.risks ?? []),
        ...(wanted.kind === 'change' ? assessRisks(steps, facts, hasWindow) : assessRisks(steps, facts, true).map(whenRestoring)),
        ...(wanted.persist && wanted.kind !== 'window-extended'
          ? await this.bootRisks.assess(live, wanted.persist, wanted.files, boot, facts)
          : []),
        ...(await this.otherWriters(expected, boot)),
      ],
    };
  }

  private async otherWriters(steps: readonly PlannedStep[], boot: BootResult): Promise<readonly Risk[]> {
    const changed = steps.filter(({ before, requested }) => before !== requested);
    const risks = changed.map(async (step) => {
      const { processes } = await this.processes.evidence(step.name, step.expected);
      return otherWriterRisks(step, boot, processes);
    });
    return (await Promise.all(risks)).flat();
  }
}

/** @throws ConntrackError `RISK_REFUSED`, `RISK_UNACKNOWLEDGED`, both with the plan. */
export function requireAccepted(plan: ChangePlan, acknowledged: readonly RiskCode[]): void {
  const refused = plan.risks.filter(({ level }) => level === 'refused');
  if (refused.length > 0)
    throw riskError('RISK_REFUSED', refused, plan, 'This risk cannot be acknowledged. "plan" shows the change with all its risks.');
  const open = plan.risks.filter(({ level, code }) => level === 'acknowledge' && !acknowledged.includes(code));
  if (open.length > 0) {
    const remedy = `To accept the risk, repeat with "acknowledge": ${JSON.stringify(open.map(({ code }) => code))}.`;
    throw riskError('RISK_UNACKNOWLEDGED', open, plan, remedy);
  }
}

function riskError(code: 'RISK_REFUSED' | 'RISK_UNACKNOWLEDGED', risks: readonly Risk[], plan: ChangePlan, remedy: string): ConntrackError {
  return new ConntrackError(code, risks.map(({ message }) => message).join(' '), { plan, remedy });
}

function toSettingChange(live: LiveSettings, name: string, requested: number): SettingChange {
  const setting = live.settings.find((candidate) => candidate.name === name);
  if (live.isLoaded === false) throw notLoaded(`${name} has no live value to change`);
  if (setting?.value === undefined) {
    const reason = setting?.unreadable ?? 'the kernel no longer has it';
    throw new ConntrackError('KERNEL_UNREADABLE', `${name} cannot be read, so a change of it could not be rolled back: ${reason}.`);
  }
  if (requested !== setting.value && !setting.writable) {
    throw new ConntrackError(
      'SETTING_NOT_WRITABLE',
      `${setting.key} cannot be written on this host: ${setting.notWritable ?? 'the reason is unknown'}.`,
      {
        errors: [{ field: `settings.${name}`, expected: 'a setting that is writable on this host', found: String(requested) }],
        ...(setting.notWritableErrno !== undefined && { errno: setting.notWritableErrno }),
        ...(setting.notWritableRemedy !== undefined && { remedy: setting.notWritableRemedy }),
      },
    );
  }
  return { name, before: setting.value, requested };
}
