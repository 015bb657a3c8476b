import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SYSCTLS = '/proc/sys/net/netfilter';
const BOOT_DIRECTORIES = ['/etc/sysctl.d', '/etc/modprobe.d', '/etc/modules-load.d'];
const BOOT_FILES = ['/etc/sysctl.conf', '/etc/modprobe.conf'];

/** The host's state that the tests may change, as it was before they began. */
export interface HostRecord {
  /** Value by file name, initial network namespace. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Text by path. */
  readonly bootFiles: Readonly<Record<string, string>>;
}

export async function recordHost(): Promise<HostRecord> {
  return { sysctls: await readSysctls(), bootFiles: await readBootFiles() };
}

/**
 * Restores every sysctl that differs, in several passes because some limit each other, and returns the names that still differ. Boot files are
 * only compared: the tests use a private copy of /etc, so a difference is a fault to report.
 */
export async function restoreHost(record: HostRecord): Promise<readonly string[]> {
  for (let pass = 0; pass < 3; pass += 1) {
    for (const name of differing(record.sysctls, await readSysctls())) {
      await writeFile(join(SYSCTLS, name), `${record.sysctls[name] ?? ''}\n`).catch(() => undefined);
    }
  }
  return [...differing(record.sysctls, await readSysctls()), ...differing(record.bootFiles, await readBootFiles())];
}

function differing(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]);
}

async function readSysctls(): Promise<Record<string, string>> {
  const names = (await readdir(SYSCTLS)).filter((name) => name.startsWith('nf_conntrack_') && name !== 'nf_conntrack_count');
  return readAll(names, SYSCTLS);
}

async function readBootFiles(): Promise<Record<string, string>> {
  const listed = await Promise.all(
    BOOT_DIRECTORIES.map(async (directory) =>
      (await exists(directory)) ? (await readdir(directory)).map((name) => join(directory, name)) : [],
    ),
  );
  const single = await Promise.all(BOOT_FILES.map(async (path) => ((await exists(path)) ? [path] : [])));
  return readAll([...listed, ...single].flat(), '/');
}

async function readAll(names: readonly string[], directory: string): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readText(join(directory, name))] as const)));
}

/** An unreadable file (a dangling link, a directory) is represented by its errno, which must also stay the same. */
function readText(path: string): Promise<string> {
  return readFile(path, 'latin1').then(
    (text) => text.trimEnd(),
    (error: unknown) => `unreadable: ${String((error as NodeJS.ErrnoException).code)}`,
  );
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
