import type { SettingValues } from '../../setting.ts';
import type { BootResult } from '../boot-result.ts';

/** The values that files or the command line decide, by settings name; what the kernel is left to decide is absent. */
export function valuesAtBoot({ settings }: BootResult): SettingValues {
  return Object.fromEntries(
    settings.flatMap(({ name, value, origin }) => (value === undefined || origin === 'kernel-default' ? [] : [[name, value]])),
  );
}
