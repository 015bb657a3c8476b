import type { FileChange, SettingChange } from './change.ts';
import type { Risk } from './risks/risk.ts';
import type { SettingValues } from './setting.ts';

export interface PlannedStep extends SettingChange {
  /** What the kernel will make of it: buckets are rounded up to a whole page. */
  readonly expected: number;
}

/** What a change would do, shown before it does it. */
export interface ChangePlan {
  /** In the order in which they are written. */
  readonly steps: readonly PlannedStep[];
  /** Boot files as they would be; with a confirmation window they are written at confirmation. */
  readonly files: readonly FileChange[];
  /** What the next boot would make of every setting that a file or the kernel command line decides. */
  readonly atNextBoot: SettingValues;
  readonly risks: readonly Risk[];
}
