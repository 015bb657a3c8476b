import type { FileChange, SettingChange } from './change.ts';
import type { EntryRollback } from './entry-rollback.ts';
import type { Risk } from './risks/risk.ts';
import type { SettingValues } from './setting.ts';

export interface PlannedStep extends SettingChange {
  /** The value the kernel will report: buckets are rounded up to a whole page. */
  readonly expected: number;
}

/** The effects of a change, before it is applied. */
export interface ChangePlan {
  /** In the order in which they are written. */
  readonly steps: readonly PlannedStep[];
  /** The boot files to be written; with a confirmation window, at confirmation. */
  readonly files: readonly FileChange[];
  /** The value of every setting that a file or the kernel command line would set at the next boot. */
  readonly atNextBoot: SettingValues;
  readonly risks: readonly Risk[];
  /** Of the rollback of an update of entries: each entry of that change. */
  readonly entries?: readonly EntryRollback[];
}
