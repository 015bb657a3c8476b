import { FINDING_LEVELS } from '../finding-definition.ts';
import type { TableFinding, TableFindings } from '../findings/table-finding.ts';

/** Checks without a finding before it is cleared: one at its threshold would otherwise come and go. */
const ABSENT_CHECKS = 3;

/** A finding that was reported as raised. */
export interface KnownFinding {
  readonly finding: TableFinding;
  /** Checks in a row in which it was absent. */
  readonly absent: number;
}

export interface FindingChanges {
  readonly known: readonly KnownFinding[];
  readonly raised: readonly TableFinding[];
  readonly cleared: readonly TableFinding[];
}

/** Compares by code. A finding that could not be checked stays, and one that becomes less severe keeps the level that was reported. */
export function compareFindings(before: readonly KnownFinding[], { findings, notChecked }: TableFindings): FindingChanges {
  const now = worstByCode(findings);
  const unknown = new Set(notChecked.flatMap(({ codes }) => codes));
  const known: KnownFinding[] = [];
  const raised: TableFinding[] = [];
  const cleared: TableFinding[] = [];
  for (const { finding, absent } of before) {
    const found = now.get(finding.code);
    now.delete(finding.code);
    if (found && severity(found) > severity(finding)) raised.push(found);
    if (found) known.push({ finding: severity(found) > severity(finding) ? found : finding, absent: 0 });
    else if (unknown.has(finding.code)) known.push({ finding, absent });
    else if (absent + 1 < ABSENT_CHECKS) known.push({ finding, absent: absent + 1 });
    else cleared.push(finding);
  }
  for (const finding of now.values()) {
    raised.push(finding);
    known.push({ finding, absent: 0 });
  }
  return { known, raised, cleared };
}

function worstByCode(findings: readonly TableFinding[]): Map<TableFinding['code'], TableFinding> {
  const worst = new Map<TableFinding['code'], TableFinding>();
  for (const finding of findings) {
    const other = worst.get(finding.code);
    if (!other || severity(finding) > severity(other)) worst.set(finding.code, finding);
  }
  return worst;
}

/** Higher is more severe. */
function severity({ level }: TableFinding): number {
  return FINDING_LEVELS.indexOf(level);
}
