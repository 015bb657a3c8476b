import type { SettingValues } from '../setting.ts';
import type { BootPreview } from './boot-preview.ts';

/** The values that files or the command line decide, by settings name; what the kernel is left to decide is absent. */
export function valuesAtBoot({ settings }: BootPreview): SettingValues {
  return Object.fromEntries(
    settings.flatMap(({ name, value, origin }) => (value === undefined || origin === 'kernel-default' ? [] : [[name, value]])),
  );
}
