import type { SettingName } from '../../setting.ts';
import type { BOOT_FINDINGS, BootFinding, BootFindingCode } from '../boot-finding.ts';
import type { BootLine } from '../boot-line.ts';
import { FINDING_LEVELS, type LevelOf } from '../../finding-definition.ts';
import { samePlace } from '../ledger.ts';

interface Details {
  readonly remedy?: string;
  readonly settings?: readonly SettingName[];
  readonly lines?: readonly BootLine[];
}

/** The message of SYSCTL_UNIT_FAILS: one for all rules, so that findings about the same line merge. */
export const UNIT_FAILS = 'systemd-sysctl will fail because of this line, and the system will be degraded.';

/** Collects findings. The same finding about the same lines is reported once, for all its settings. */
export class Findings {
  private readonly found: BootFinding[] = [];

  add<Code extends BootFindingCode>(
    code: Code,
    level: LevelOf<typeof BOOT_FINDINGS, Code>,
    message: string,
    { remedy, settings = [], lines = [] }: Details = {},
  ): void {
    const index = this.found.findIndex((known) => known.code === code && known.message === message && sameLines(known.lines, lines));
    const known = this.found[index];
    const finding = { code, level, message, ...(remedy !== undefined && { remedy }), settings: [...settings], lines: [...lines] };
    if (known === undefined) this.found.push(finding);
    else this.found[index] = { ...known, settings: [...new Set([...known.settings, ...settings])] };
  }

  /** Errors first, then warnings; within a level in the order of `add`. */
  list(): readonly BootFinding[] {
    return this.found.toSorted((a, b) => FINDING_LEVELS.indexOf(b.level) - FINDING_LEVELS.indexOf(a.level));
  }
}

function sameLines(a: readonly BootLine[], b: readonly BootLine[]): boolean {
  return a.length === b.length && a.every((line, index) => samePlace(line, b[index] ?? line));
}
