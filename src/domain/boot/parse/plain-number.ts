import { factsOf } from '../../settings-catalogue.ts';
import type { SettingName } from '../../setting.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
const SIZES: Readonly<Record<string, number>> = { k: 1_024, m: 1_048_576, g: 1_073_741_824 };
const SWITCHES: Readonly<Record<string, number>> = { true: 1, yes: 1, on: 1, enabled: 1, false: 0, no: 0, off: 0, disabled: 0 };

/**
 * The number that a person meant by a value that the kernel does not read as a plain number: `1M`, `1,000,000`, `"5"`, `5 # comment`, `24h`.
 * Undefined if that is not clear.
 */
export function plainNumber(name: SettingName, text: string): number | undefined {
  const value = text
    .replace(/^[\s=:]+/, '')
    .replace(/["'`]/g, '')
    .replace(/\s*(#|;|\/\/|>).*$/, '')
    .trim();
  if (/^\w+$/.test(value) && Object.hasOwn(SWITCHES, value.toLowerCase())) return SWITCHES[value.toLowerCase()];
  const [, digits = '', unit = ''] = /^(\d[\d_,. ]*?)\s*([a-z]*)$/i.exec(value) ?? [];
  const factor = factorOf(name, unit.toLowerCase());
  const number = /^\d{1,3}([_,. ]\d{3})+$/.test(digits) ? digits.replace(/\D/g, '') : digits;
  if (factor !== undefined && /^\d+$/.test(number)) return safe(Number(number) * factor);
  return /^\d+(\.\d+)?e\d+$/i.test(value) ? safe(Number(value)) : undefined;
}

function factorOf(name: SettingName, unit: string): number | undefined {
  if (unit === '') return 1;
  const units = factsOf(name).unit === 'seconds' ? SECONDS : SIZES;
  return /^([smhdw]|sec(ond)?s?|min(ute)?s?|hours?|days?|weeks?|[kmg](i?b)?)$/.test(unit) ? units[unit.charAt(0)] : undefined;
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}
