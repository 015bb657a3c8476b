import type { LiveSettings, SettingName, SettingValues } from '../../setting.ts';
import { judgeWrite } from '../../verdict.ts';
import type { BootResult } from '../boot-result.ts';

/** A setting that a reboot would change, or whose value at boot would not be the persisted one. */
export interface BootDifference {
  readonly name: SettingName;
  /** Absent where it cannot be read, or the kernel has no such setting now. */
  readonly live?: number;
  /** The value in the boot files of this service; absent if they do not set it. */
  readonly persisted?: number;
  readonly atNextBoot: number;
}

/** Compares the live, the next boot's and the persisted values. Settings with an unknown value at the next boot are left out. */
export function differencesAtBoot({ settings }: LiveSettings, { settings: boot }: BootResult, persisted: SettingValues): BootDifference[] {
  const live = new Map(settings.map(({ name, value }) => [name, value]));
  return boot.flatMap(({ name, value: atNextBoot }): BootDifference[] => {
    const [now, own] = [live.get(name), persisted[name]];
    const isSame =
      (now === undefined || now === atNextBoot) && (own === undefined || judgeWrite(name, own, atNextBoot ?? null) !== 'not-effective');
    if (atNextBoot === undefined || isSame) return [];
    return [{ name, ...(now !== undefined && { live: now }), ...(own !== undefined && { persisted: own }), atNextBoot }];
  });
}

/** The values that files or the command line decide, by settings name. Kernel defaults are left out, unless they are wanted. */
export function valuesAtBoot({ settings }: BootResult, which: 'with defaults' | 'decided' = 'decided'): SettingValues {
  return Object.fromEntries(
    settings.flatMap(({ name, value, origin }) =>
      value === undefined || (origin === 'kernel-default' && which === 'decided') ? [] : [[name, value]],
    ),
  );
}
