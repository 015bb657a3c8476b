import { ConntrackError, type FieldError } from './conntrack-error.ts';
import type { SettingFacts, SettingName, SettingValues } from './setting.ts';

type Range = Pick<SettingFacts, 'minimum' | 'maximum' | 'unit'>;

/**
 * Reports all values outside their ranges at once.
 *
 * @param rangeOf `undefined`: any value
 * @throws ConntrackError `VALUE_OUT_OF_RANGE`
 */
export function requireInRange(values: SettingValues, rangeOf: (name: SettingName) => Range | undefined): void {
  const errors = Object.entries(values).flatMap(([name, value]): FieldError[] => {
    const range = rangeOf(name);
    if (!range || (value >= range.minimum && value <= range.maximum)) return [];
    const expected = `an integer from ${range.minimum} to ${range.maximum} (${range.unit})`;
    return [{ field: `settings.${name}`, expected, found: String(value) }];
  });
  if (errors.length === 0) return;
  const message = errors.map(({ field, expected, found }) => `${field}: expected ${expected}, found ${found ?? ''}`).join('; ');
  throw new ConntrackError('VALUE_OUT_OF_RANGE', message, { errors });
}
