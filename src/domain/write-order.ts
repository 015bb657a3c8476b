import type { SettingChange } from './change.ts';

/**
 * Orders writes so that no intermediate state is dangerous: max falls before buckets fall, buckets rise before max rises, and a low
 * threshold is never above its high one.
 */
export function inSafeOrder<T extends SettingChange>(settings: readonly T[]): T[] {
  return [...settings].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function rank({ name, before, requested }: SettingChange): number {
  const rises = requested > before;
  if (name === 'max' || name.endsWith('_low_thresh')) return rises ? 2 : 0;
  return 1;
}
