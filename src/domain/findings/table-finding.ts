import type { FindingLevel } from '../boot/boot-result.ts';

/** Stable codes of what is remarkable about the table now. Closed; docs/findings.md explains each. */
export const TABLE_FINDING_CODES = [
  'TABLE_NEARLY_FULL',
  'EARLY_DROPS',
  'DROPS',
  'CHAIN_TOO_LONG',
  'CHAIN_LIMIT_AT_MAX',
  'INSERT_FAILED',
  'INVALID_STORM',
  'ORPHANED_ESTABLISHED',
  'SHARED_WITH_NAMESPACES',
  'OTHER_DATAPATH',
  'MAX_UNLIMITED',
  'REBOOT_WOULD_CHANGE',
] as const;
export type TableFindingCode = (typeof TABLE_FINDING_CODES)[number];

export interface TableFinding {
  readonly code: TableFindingCode;
  readonly level: FindingLevel;
  readonly message: string;
  readonly remedy: string;
  /** The numbers it rests on. */
  readonly evidence: Readonly<Record<string, number>>;
}

/** Codes that could not be looked for, and why: that they are missing says nothing. */
export interface NotChecked {
  readonly codes: readonly TableFindingCode[];
  readonly reason: string;
}

export interface TableFindings {
  /** Worst first. */
  readonly findings: readonly TableFinding[];
  readonly notChecked: readonly NotChecked[];
}
