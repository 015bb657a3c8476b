import type { SettingName } from '../../setting.ts';
import type { BootFinding, BootFindingCode, BootLine, FindingLevel } from '../boot-result.ts';
import { samePlace } from '../ledger.ts';

interface Details {
  readonly remedy?: string;
  readonly settings?: readonly SettingName[];
  readonly lines?: readonly BootLine[];
}

/** Collects findings; the same one about the same lines is told once, for all its settings. */
export class Findings {
  private readonly found: BootFinding[] = [];

  add(code: BootFindingCode, level: FindingLevel, message: string, { remedy, settings = [], lines = [] }: Details = {}): void {
    const index = this.found.findIndex((known) => known.code === code && known.message === message && sameLines(known.lines, lines));
    const known = this.found[index];
    const finding = { code, level, message, ...(remedy !== undefined && { remedy }), settings: [...settings], lines: [...lines] };
    if (known === undefined) this.found.push(finding);
    else this.found[index] = { ...known, settings: [...new Set([...known.settings, ...settings])] };
  }

  /** Errors first, otherwise in the order in which they came up. */
  list(): readonly BootFinding[] {
    const rank = { error: 0, warning: 1, information: 2 } as const satisfies Record<FindingLevel, number>;
    return [...this.found].sort((a, b) => rank[a.level] - rank[b.level]);
  }
}

function sameLines(a: readonly BootLine[], b: readonly BootLine[]): boolean {
  return a.length === b.length && a.every((line, index) => samePlace(line, b[index] ?? line));
}
