import { ConntrackError } from '../../domain/conntrack-error.ts';
import { requireInRange } from '../../domain/require-in-range.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';

/** Reports all invalid names, or else all invalid values, at once. @throws ConntrackError `SETTING_UNKNOWN`, `VALUE_OUT_OF_RANGE` */
export function checkAgainstKernel(live: LiveSettings, requested: SettingValues): void {
  const known = new Map(live.settings.map((setting) => [setting.name, setting]));
  const unknown = Object.keys(requested).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new ConntrackError('SETTING_UNKNOWN', `This kernel has no conntrack setting ${unknown.join(', ')}.`, {
      errors: unknown.map((name) => ({ field: `settings.${name}`, expected: 'a name listed by GET /api/v1/settings', found: name })),
    });
  }
  requireInRange(requested, (name) => known.get(name));
}
