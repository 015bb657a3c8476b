const INTEGER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Shown for a value that the host does not report. */
export const NOTHING = '–';

export function integer(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : INTEGER.format(value);
}

/** For axes: 131K. */
export function short(value: number): string {
  return Math.abs(value) < 1000 ? String(Number(value.toPrecision(3))) : SHORT.format(value);
}

/** @param share from 0 to 1 */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return NOTHING;
  const percentage = share * 100;
  if (percentage > 0 && percentage < 0.1) return '< 0.1 %';
  return `${percentage.toFixed(percentage < 10 ? 1 : 0)} %`;
}

export function decimal(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined ? NOTHING : value.toFixed(digits);
}

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), BYTE_UNITS.length - 1);
  const scaled = value / 1024 ** power;
  return `${power === 0 || scaled >= 100 ? scaled.toFixed(0) : scaled.toFixed(1)} ${BYTE_UNITS[power] ?? 'B'}`;
}

export function perSecond(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  if (value === 0) return '0/s';
  if (value < 0.01) return '< 0.01/s';
  return `${value < 10 ? value.toFixed(2) : INTEGER.format(value)}/s`;
}
