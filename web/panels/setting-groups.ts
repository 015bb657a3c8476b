import type { Setting } from '../api/documents.ts';

export interface SettingGroup {
  readonly title: string;
  readonly settings: readonly Setting[];
}

const SIZE = ['max', 'buckets', 'expect_max'];
const ORDER = ['Size', 'TCP', 'Other timeouts', 'Behaviour'] as const;

function titleOf({ name, unit }: Pick<Setting, 'name' | 'unit'>): (typeof ORDER)[number] {
  if (SIZE.includes(name)) return 'Size';
  if (name.startsWith('tcp_')) return 'TCP';
  return unit === 'seconds' ? 'Other timeouts' : 'Behaviour';
}

/** In the order of the page: the size of the table first. */
export function groupSettings(settings: readonly Setting[]): readonly SettingGroup[] {
  return ORDER.map((title) => ({
    title,
    settings: settings.filter((setting) => titleOf(setting) === title).toSorted(bySizeThenName),
  })).filter((group) => group.settings.length > 0);
}

function bySizeThenName(a: Setting, b: Setting): number {
  const place = ({ name }: Setting): number => (SIZE.includes(name) ? SIZE.indexOf(name) : SIZE.length);
  return place(a) - place(b) || a.name.localeCompare(b.name, 'en');
}

/** Whether a setting was changed outside this service or would change at the next boot. */
export function needsAttention({ value, drift, atNextBoot }: Setting): boolean {
  return drift !== undefined || (atNextBoot.value !== undefined && value !== undefined && atNextBoot.value !== value);
}

/** The settings of one form: raising `max` without `buckets` would lengthen the hash chains. */
export function editedTogether(setting: Setting, all: readonly Setting[]): readonly Setting[] {
  if (setting.name !== 'max' && setting.name !== 'buckets') return [setting];
  return [setting, ...all.filter(({ name, writable }) => writable && name !== setting.name && ['max', 'buckets'].includes(name))];
}
