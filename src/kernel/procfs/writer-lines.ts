import { readdir, stat } from 'node:fs/promises';
import type { WriterEvidence } from '../../domain/likely-owner.ts';
import type { SettingName } from '../../domain/setting.ts';
import { KernelFileError } from '../kernel-file-error.ts';
import { orFailure, type KernelFiles } from '../kernel-files.ts';

/** A larger file is not a configuration of these programs. */
const FILE_BYTES = 1024 * 1024;
const FILES_MAX = 500;

/** Files that write settings when a program applies them, other than those of the boot preview. `*` is one name in a directory. */
const FILES = [
  '/etc/ufw/sysctl.conf',
  '/etc/rc.local',
  '/etc/rc.d/rc.local',
  '/etc/pve/local/host.fw',
  '/etc/udev/rules.d/*',
  '/etc/tmpfiles.d/*',
  '/etc/systemd/system/*',
  '/etc/systemd/system/*/*',
  '/run/systemd/system/*',
  '/run/sysctl/*',
  '/etc/rancher/k3s/*',
  '/etc/rancher/rke2/*',
  '/var/snap/microk8s/current/args/kube-proxy',
];

const TUNED_PROFILES = ['/etc/tuned', '/etc/tuned/profiles', '/usr/lib/tuned', '/usr/lib/tuned/profiles'];
const TUNED_DEPTH = 8;

/** Lines that set exactly this value, comments excluded. Of tuned, only the active profile and those it includes. */
export async function linesOfWriters(files: KernelFiles, name: SettingName, value: number): Promise<WriterEvidence['lines']> {
  const paths = await Promise.all(FILES.map((pattern) => expand(files, pattern)));
  const found: { path: string; line: number }[] = [];
  for (const path of [...paths.flat().slice(0, FILES_MAX), ...(await tunedProfiles(files))]) {
    const text = await readFile(files, path);
    for (const [index, line] of text.split('\n').entries()) if (setsValue(line, name, value)) found.push({ path, line: index + 1 });
  }
  return found;
}

async function expand(files: KernelFiles, pattern: string): Promise<readonly string[]> {
  let paths = [''];
  for (const part of pattern.split('/').slice(1)) {
    const next = paths.map(async (path) =>
      part === '*' ? (await names(files, path)).map((entry) => `${path}/${entry}`) : [`${path}/${part}`],
    );
    paths = (await Promise.all(next)).flat();
  }
  return paths;
}

async function names(files: KernelFiles, directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(files.place(directory))).sort();
  } catch {
    return [];
  }
}

async function readFile(files: KernelFiles, path: string): Promise<string> {
  try {
    // A FIFO would never end.
    const found = await stat(files.place(path));
    if (!found.isFile() || found.size > FILE_BYTES) return '';
  } catch {
    return '';
  }
  const text = await orFailure(files.readText(path));
  return text instanceof KernelFileError ? '' : text;
}

async function tunedProfiles(files: KernelFiles): Promise<readonly string[]> {
  let profiles = (await readFile(files, '/etc/tuned/active_profile')).split(/\s+/);
  const found: string[] = [];
  for (let depth = 0; depth < TUNED_DEPTH && profiles.length > 0; depth++) {
    const included: string[] = [];
    for (const profile of profiles.filter((candidate) => /^[\w.-]+$/.test(candidate))) {
      const path = await profilePath(files, profile);
      if (path === undefined || found.includes(path)) continue;
      found.push(path);
      included.push(...(/^\s*include\s*=\s*(.+)$/m.exec(await readFile(files, path))?.[1]?.split(/[\s,;]+/) ?? []));
    }
    profiles = included;
  }
  return found;
}

async function profilePath(files: KernelFiles, profile: string): Promise<string | undefined> {
  for (const directory of TUNED_PROFILES) {
    const path = `${directory}/${profile}/tuned.conf`;
    if ((await readFile(files, path)) !== '') return path;
  }
  return undefined;
}

/** `key = value`, `key: value`, a tmpfiles.d line, or `echo value > /proc/sys/…`. */
function setsValue(line: string, name: SettingName, value: number): boolean {
  if (/^\s*([#;]|$)/.test(line)) return false;
  const keys = [`(?:nf|ip)_conntrack_${name}`, ...(name === 'buckets' ? ['hashsize', 'nf_conntrack_hashsize'] : [])];
  const key = `(?<![A-Za-z0-9])(?:${keys.join('|')})(?![A-Za-z0-9_])`;
  const number = `(?<![\\w.])${value}(?![\\w.])`;
  return [
    new RegExp(`${key}["'}]*\\s*[=:]+\\s*["']?${number}`),
    new RegExp(`${key}\\s+(?:-\\s+)+${number}`),
    new RegExp(`${number}["']?\\s*(?:>|\\|\\s*tee)\\s*\\S*${key}`),
  ].some((pattern) => pattern.test(line));
}
