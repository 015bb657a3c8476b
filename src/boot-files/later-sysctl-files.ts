import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SettingName, SettingValues } from '../domain/setting.ts';
import type { OverridingLine } from '../domain/overriding-line.ts';
import { kernelNumber } from './kernel-number.ts';
import { SYSCTL_FILE } from './own-sysctl-file.ts';
import { sysctlPath } from './sysctl-conf.ts';

/** Highest first: a name in one masks the same name in those after it (sysctl.d(5)). */
const DIRECTORIES = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'];
const ASSIGNMENT = /^\s*-?\s*([\w./-]+)\s*=\s*(\S+)\s*$/;
const KEY = /^net\/(?:netfilter\/)?nf_conntrack_(\w+)$/;

/**
 * Lines of sysctl.d files that systemd reads after ours and that ask for another value: our file would not hold. Directories and files
 * that cannot be read are passed over. A preview of the whole boot is more than this.
 */
export async function overridingLines(root: string, values: SettingValues): Promise<readonly OverridingLine[]> {
  const found: OverridingLine[] = [];
  for (const path of await filesAfterOurs(root)) {
    const text = await readFile(join(root, path), 'latin1').catch(() => '');
    found.push(...linesThatDiffer(path, text, values));
  }
  return lastPerSetting(found);
}

async function filesAfterOurs(root: string): Promise<readonly string[]> {
  const paths = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    const names = await readdir(join(root, directory)).catch((): string[] => []);
    for (const name of names) if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, `${directory}/${name}`);
  }
  const ours = basename(SYSCTL_FILE.path);
  return [...paths.keys()]
    .filter((name) => name > ours)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => paths.get(name) ?? '');
}

function linesThatDiffer(path: string, text: string, values: SettingValues): OverridingLine[] {
  return text.split('\n').flatMap((line, index) => {
    const [, key = '', value = ''] = ASSIGNMENT.exec(line) ?? [];
    const name: SettingName | undefined = KEY.exec(sysctlPath(key))?.[1];
    const ours = name === undefined ? undefined : values[name];
    if (name === undefined || ours === undefined || kernelNumber(value) === ours) return [];
    return [{ setting: name, path, line: index + 1, value }];
  });
}

function lastPerSetting(lines: readonly OverridingLine[]): OverridingLine[] {
  return [...new Map(lines.map((line) => [line.setting, line])).values()];
}
