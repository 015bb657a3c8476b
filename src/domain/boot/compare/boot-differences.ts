import type { LiveSettings, SettingName, SettingValues } from '../../setting.ts';
import { judgeWrite } from '../../verdict.ts';
import type { BootResult } from '../boot-result.ts';

/** A setting that a reboot would change, or that would not be at boot what we persisted. */
export interface BootDifference {
  readonly name: SettingName;
  /** Absent where it cannot be read, or the kernel has no such setting now. */
  readonly live?: number;
  /** What our own boot files ask for; absent where they ask for nothing. */
  readonly persisted?: number;
  readonly atNextBoot: number;
}

/** Live against next boot against what we persisted. A setting whose value at the next boot is not known is not among them. */
export function differencesAtBoot({ settings }: LiveSettings, { settings: boot }: BootResult, persisted: SettingValues): BootDifference[] {
  const live = new Map(settings.map(({ name, value }) => [name, value]));
  return boot.flatMap(({ name, value: atNextBoot }): BootDifference[] => {
    const [now, ours] = [live.get(name), persisted[name]];
    const isSame =
      (now === undefined || now === atNextBoot) && (ours === undefined || judgeWrite(name, ours, atNextBoot ?? null) !== 'not-effective');
    if (atNextBoot === undefined || isSame) return [];
    return [{ name, ...(now !== undefined && { live: now }), ...(ours !== undefined && { persisted: ours }), atNextBoot }];
  });
}
