import type { SettingName, SettingValues } from '../domain/setting.ts';
import type { OwnFile } from './own-file.ts';

const LINE = /^net\.netfilter\.nf_conntrack_(\w+)[ \t]*=[ \t]*(0|-?[1-9][0-9]*)$/;
/** Buckets come before max, so that the table never holds more entries than its buckets are meant for. */
const FIRST: readonly SettingName[] = ['buckets', 'max'];

const understands = (line: string): boolean => LINE.test(line);

/** Sorts after Debian's 99-sysctl.conf, the link to /etc/sysctl.conf, and so overrides it. */
export const SYSCTL_FILE: OwnFile = { path: '/etc/sysctl.d/99-zz-conntrack-api.conf', understands };

/** Replaces the file above if a file of another writer sorts after that. */
export const LAST_SYSCTL_FILE: OwnFile = { path: '/etc/sysctl.d/zzzz-conntrack-api.conf', understands };

/** The last line for a setting is effective; other lines are ignored. */
export function sysctlValues(lines: readonly string[]): SettingValues {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = LINE.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
}

/** One line per setting. Does not use the alias net.nf_conntrack_max, which systemd-sysctl --prefix=/net/netfilter would skip. */
export function sysctlLines(values: SettingValues): readonly string[] {
  const rank = (name: SettingName): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return Object.entries(values)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([name, value]) => `net.netfilter.nf_conntrack_${name} = ${value}`);
}
