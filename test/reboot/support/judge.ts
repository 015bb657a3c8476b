import type { SettingName, SettingValues } from '../../../src/domain/setting.ts';
import type { Observation } from './observe.ts';
import type { PreviewAnswer } from './operator.ts';

export interface Mistake {
  readonly name: SettingName;
  readonly said: string;
  readonly real: string;
}

/**
 * Where the preview was wrong: a value that is not the real one; a kernel default that is not what the kernel makes of itself; a setting
 * that it does not know of; a module that comes or does not come. What it says it cannot tell is no mistake: see `untold`.
 *
 * @param standard the values of the same machine where no file and no command line asks for any
 */
export function mistakes({ settings, loading }: PreviewAnswer, real: SettingValues, standard: SettingValues): readonly Mistake[] {
  const isThere = Object.keys(real).length > 0;
  if (loading.when === 'fails') {
    const claimed = settings
      .filter(({ value }) => value !== undefined)
      .map(({ name, value }) => ({ name, said: String(value), real: 'absent' }));
    return isThere ? [{ name: 'max', said: 'the module fails to load', real: String(real['max']) }, ...claimed] : claimed;
  }
  if (!isThere) return [{ name: 'max', said: `connection tracking comes up (${loading.when})`, real: 'the module does not load' }];
  const said = new Map(settings.map((setting) => [setting.name, setting]));
  return Object.entries(real).flatMap(([name, value]) => {
    const setting = said.get(name);
    if (!setting) return [{ name, said: 'nothing', real: String(value) }];
    const expected = setting.value ?? (setting.origin === 'kernel-default' ? standard[name] : undefined);
    if (expected === undefined && setting.origin !== 'kernel-default') return [];
    return expected === value ? [] : [{ name, said: `${String(expected)} (${setting.origin})`, real: String(value) }];
  });
}

/** Settings that the preview says it cannot tell. */
export function untold({ settings, loading }: PreviewAnswer): readonly SettingName[] {
  if (loading.when === 'fails') return [];
  return settings.filter(({ value, origin }) => value === undefined && origin !== 'kernel-default').map(({ name }) => name);
}

/** Values that were promised and are not there. */
export function losses(promised: SettingValues, { values }: Observation): readonly Mistake[] {
  return Object.entries(promised)
    .filter(([name, value]) => values[name] !== value)
    .map(([name, value]) => ({ name, said: String(value), real: String(values[name] ?? 'absent') }));
}

/** Units that fail although they do not in a boot without us, and no file of the machine's own makes them. */
export function degradedByUs(found: Observation, standard: Observation, foreignFailures: readonly string[]): readonly string[] {
  return found.failedUnits.filter((unit) => !standard.failedUnits.includes(unit) && !foreignFailures.includes(unit));
}
