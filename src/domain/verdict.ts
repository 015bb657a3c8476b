import type { Intent, Observation } from './change.ts';
import type { SettingName } from './setting.ts';

/** Bucket heads of 8 bytes in a page of 4, 16 or 64 KiB. */
const PAGE_QUANTA = [512, 2_048, 8_192];

export type WriteVerdict = 'applied' | 'adjusted' | 'not-effective';

/** Whether the kernel reports the requested value after a write, or, for `buckets`, the value rounded up as documented. */
export function judgeWrite(name: SettingName, requested: number, after: number | null): WriteVerdict {
  if (after === requested) return 'applied';
  const rounded = name === 'buckets' && PAGE_QUANTA.some((quantum) => after === Math.ceil(requested / quantum) * quantum);
  return rounded ? 'adjusted' : 'not-effective';
}

/** The state of a host with an open intent. It shows what is there, not who wrote it. */
export function judgeObservation(intent: Intent, seen: Observation): 'recovered-applied' | 'recovered-unchanged' | 'diverged' {
  const asRequested =
    intent.settings.every(({ name, requested }) => judgeWrite(name, requested, seen.settings[name] ?? null) !== 'not-effective') &&
    intent.files.every(({ path, after }) => seen.files[path] === after);
  if (asRequested) return 'recovered-applied';
  const asBefore =
    intent.settings.every(({ name, before }) => seen.settings[name] === before) &&
    intent.files.every(({ path, before }) => seen.files[path] === before);
  return asBefore ? 'recovered-unchanged' : 'diverged';
}
