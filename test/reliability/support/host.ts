import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SYSCTLS = '/proc/sys/net/netfilter';
const PREFIX = 'nf_conntrack_';
export const BOOT_DIRECTORIES = ['/etc/sysctl.d', '/etc/modprobe.d', '/etc/modules-load.d'];

/** Everything that the product may change: values by setting name, content by path. */
export interface HostState {
  readonly settings: Readonly<Record<string, number>>;
  /** Every file in the boot directories, including temporary ones. A link is represented by its target. */
  readonly files: Readonly<Record<string, string>>;
}

export function readHost(): HostState {
  const names = readdirSync(SYSCTLS).filter((name) => name.startsWith(PREFIX) && isWritable(join(SYSCTLS, name)));
  const paths = BOOT_DIRECTORIES.flatMap((directory) => readdirSync(directory).map((name) => join(directory, name)));
  return {
    settings: Object.fromEntries(names.map((name) => [name.slice(PREFIX.length), Number(readFileSync(join(SYSCTLS, name), 'utf8'))])),
    files: Object.fromEntries(paths.map((path) => [path, contentOf(path)])),
  };
}

/** The other settings belong to the host and are read-only in this namespace. The host may change them meanwhile. */
function isWritable(path: string): boolean {
  return (lstatSync(path).mode & 0o200) !== 0;
}

/** Restores the host without using the product. */
export function restoreHost(wanted: HostState): void {
  const now = readHost();
  for (const [name, value] of Object.entries(wanted.settings)) {
    if (now.settings[name] !== value) writeFileSync(join(SYSCTLS, `${PREFIX}${name}`), `${value}\n`);
  }
  for (const path of Object.keys(now.files)) if (now.files[path] !== wanted.files[path]) rmSync(path);
  for (const [path, content] of Object.entries(wanted.files)) if (now.files[path] !== content) put(path, content);
}

const LINK = 'link to ';

function contentOf(path: string): string {
  return lstatSync(path).isSymbolicLink() ? `${LINK}${readlinkSync(path)}` : readFileSync(path, 'utf8');
}

function put(path: string, content: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  if (content.startsWith(LINK)) symlinkSync(content.slice(LINK.length), path);
  else writeFileSync(path, content);
}
