import type { SettingName, SettingValues } from '../../../src/domain/setting.ts';
import type { Observation } from './observe.ts';
import type { PreviewAnswer } from './operator.ts';

export interface Mistake {
  readonly name: SettingName;
  readonly said: string;
  readonly real: string;
}

/**
 * Where the preview was wrong: a value that differs from the real one; a kernel default that differs from the kernel's own; a setting that it
 * does not list; a module that is loaded or not loaded. A value that it reports as unknown is not a mistake: see `unknownSettings`.
 *
 * @param standard the values of the same machine if no file and no command line sets any
 */
export function mistakes({ settings, loading }: PreviewAnswer, real: SettingValues, standard: SettingValues): readonly Mistake[] {
  const isThere = Object.keys(real).length > 0;
  if (loading.when === 'fails') {
    const claimed = settings
      .filter(({ value }) => value !== undefined)
      .map(({ name, value }) => ({ name, said: String(value), real: 'absent' }));
    return isThere ? [{ name: 'max', said: 'the module fails to load', real: String(real['max']) }, ...claimed] : claimed;
  }
  if (!isThere) return [{ name: 'max', said: `the module is loaded (${loading.when})`, real: 'the module is not loaded' }];
  const said = new Map(settings.map((setting) => [setting.name, setting]));
  return Object.entries(real).flatMap(([name, value]) => {
    const setting = said.get(name);
    if (!setting) return [{ name, said: 'nothing', real: String(value) }];
    const expected = setting.value ?? (setting.origin === 'kernel-default' ? standard[name] : undefined);
    if (expected === undefined && setting.origin !== 'kernel-default') return [];
    return expected === value ? [] : [{ name, said: `${String(expected)} (${setting.origin})`, real: String(value) }];
  });
}

/** Settings whose value the preview reports as unknown. */
export function unknownSettings({ settings, loading }: PreviewAnswer): readonly SettingName[] {
  if (loading.when === 'fails') return [];
  return settings.filter(({ value, origin }) => value === undefined && origin !== 'kernel-default').map(({ name }) => name);
}

/** Persisted values that differ after the boot. */
export function losses(promised: SettingValues, { values }: Observation): readonly Mistake[] {
  return Object.entries(promised)
    .filter(([name, value]) => values[name] !== value)
    .map(([name, value]) => ({ name, said: String(value), real: String(values[name] ?? 'absent') }));
}

/** Units that fail because of this service: not in a boot without it, and not because of a file of the machine. */
export function degradedByService(found: Observation, standard: Observation, expectedFailures: readonly string[]): readonly string[] {
  return found.failedUnits.filter((unit) => !standard.failedUnits.includes(unit) && !expectedFailures.includes(unit));
}
