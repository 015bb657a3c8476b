import type { Setting } from '../api/answers.ts';

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

/** In the order in which they are looked for: what sizes the table first. */
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

/** What somebody should look at: moved by others, or not what a reboot brings. */
export function isRemarkable({ value, drift, atNextBoot }: Setting): boolean {
  return drift !== undefined || (atNextBoot?.value !== undefined && value !== undefined && atNextBoot.value !== value);
}

/** Those that are changed in one form: a maximum without its buckets makes long chains. */
export function editedTogether(setting: Setting, all: readonly Setting[]): readonly Setting[] {
  if (setting.name !== 'max' && setting.name !== 'buckets') return [setting];
  return [setting, ...all.filter(({ name, writable }) => writable && name !== setting.name && ['max', 'buckets'].includes(name))];
}
