import type { SettingName } from './setting.ts';

/** A line of somebody else's boot file that wins over what our own files ask. */
export interface OverridingLine {
  readonly setting: SettingName;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly value: string;
}
