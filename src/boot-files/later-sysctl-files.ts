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
  const after = (await foreignFiles(root)).filter((path) => basename(path) > basename(SYSCTL_FILE.path));
  const lines = await assignmentsIn(root, after);
  const differing = lines.filter(({ setting, value }) => values[setting] !== undefined && kernelNumber(value) !== values[setting]);
  return [...new Map(differing.map((line) => [line.setting, line])).values()];
}

/** Lines of sysctl.d files other than ours that ask for exactly this value. */
export async function askingLines(root: string, name: SettingName, wanted: number): Promise<readonly OverridingLine[]> {
  const lines = await assignmentsIn(root, await foreignFiles(root));
  return lines.filter(({ setting, value }) => setting === name && kernelNumber(value) === wanted);
}

/** In the order in which systemd reads them: by name, whatever the directory. */
async function foreignFiles(root: string): Promise<readonly string[]> {
  const paths = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    const names = await readdir(join(root, directory)).catch((): string[] => []);
    for (const name of names) if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, `${directory}/${name}`);
  }
  paths.delete(basename(SYSCTL_FILE.path));
  return [...paths.values()].sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

async function assignmentsIn(root: string, paths: readonly string[]): Promise<readonly OverridingLine[]> {
  const found: OverridingLine[] = [];
  for (const path of paths) {
    const text = await readFile(join(root, path), 'latin1').catch(() => '');
    text.split('\n').forEach((line, index) => {
      const [, key = '', value = ''] = ASSIGNMENT.exec(line) ?? [];
      const setting = KEY.exec(sysctlPath(key))?.[1];
      if (setting !== undefined) found.push({ setting, path, line: index + 1, value });
    });
  }
  return found;
}
