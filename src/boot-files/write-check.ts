import { lstat, readFile, stat, statfs } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { FileContent } from '../domain/change.ts';
import { errnoOf } from '../domain/conntrack-error.ts';
import { attributesOf, refusalToUseDirectory, type FileAttribute } from './file-status.ts';
import { danglingLink, missingDirectories, nearestExisting } from './nearest-existing.ts';

/** What keeps a file from being written, known before it is attempted. */
export interface Obstacle {
  readonly errno: string;
  readonly expected: string;
  readonly found: string;
  /** Replaces the usual remedy for the errno. */
  readonly remedy?: string;
}

const ATTRIBUTES: Readonly<Record<FileAttribute, Obstacle>> = {
  immutable: {
    errno: 'EPERM',
    expected: 'a file that can be replaced',
    found: 'an immutable file (chattr +i)',
    remedy: 'Run chattr -i on the file.',
  },
  appendOnly: {
    errno: 'EPERM',
    expected: 'a file that can be replaced',
    found: 'an append-only file (chattr +a)',
    remedy: 'Run chattr -a on the file.',
  },
  mountPoint: { errno: 'EBUSY', expected: 'a file that can be replaced', found: 'a mount point' },
};
const CAP_CHOWN = 0n;
const CAP_SYS_RESOURCE = 24n;

/** Why the file at `place` cannot be created, replaced or removed; `undefined` if nothing is known to prevent it. Writes nothing. */
export async function obstacleTo(place: string, root: string): Promise<Obstacle | undefined> {
  const parent = dirname(place);
  const link = await danglingLink(parent);
  if (link !== undefined) {
    const found = `a symbolic link that leads nowhere: ${onHost(link, root)}`;
    return { errno: 'ENOENT', expected: 'a directory', found, remedy: 'Create the target of the link, or replace it with a directory.' };
  }
  const directory = await nearestExisting(parent);
  const errno = refusalToUseDirectory(directory);
  if (errno !== undefined) {
    const expected = 'a directory in which this service can create, replace and remove files';
    return { errno, expected, found: `${onHost(directory, root)}: ${meaningOf(errno)}` };
  }
  if ((await missingDirectories(parent)) === 0 && attributesOf(directory).includes('appendOnly')) {
    const found = `${onHost(directory, root)}: append-only (chattr +a)`;
    return { errno: 'EPERM', expected: 'a directory in which files can be replaced', found, remedy: 'Run chattr -a on the directory.' };
  }
  const [attribute] = attributesOf(place);
  return attribute === undefined ? obstacleOfOwner(place) : ATTRIBUTES[attribute];
}

/** The new file gets the owner of the old one. */
async function obstacleOfOwner(place: string): Promise<Obstacle | undefined> {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const found = await lstat(place).catch(() => undefined);
  if (!found || (found.uid === uid && [gid, ...(process.getgroups?.() ?? [])].includes(found.gid)) || (await has(CAP_CHOWN)))
    return undefined;
  return {
    errno: 'EPERM',
    expected: `a file of user ${uid} and group ${gid}, or the capability CAP_CHOWN`,
    found: `a file of user ${found.uid} and group ${found.gid}`,
  };
}

/** A file to be written. */
export interface PlannedWrite {
  readonly place: string;
  readonly before: FileContent;
  readonly bytes: number;
}

/** Why the writes do not fit on their file systems. Each content is written to a new file, which then replaces the old one. */
export async function obstacleOfSpace(writes: readonly PlannedWrite[], root: string): Promise<Obstacle | undefined> {
  const needs = new Map<number, { directory: string; files: number; bytes: readonly number[] }>();
  for (const { place, before, bytes } of writes) {
    const directory = await nearestExisting(dirname(place));
    const { dev } = await stat(directory);
    const { files, bytes: others } = needs.get(dev) ?? { files: 0, bytes: [] };
    const directories = await missingDirectories(dirname(place));
    const isReplaced = before !== null && files > 0;
    needs.set(dev, {
      directory,
      files: files + directories + (isReplaced ? 0 : 1),
      bytes: [...others, bytes, ...Array<number>(directories).fill(1)],
    });
  }
  for (const need of needs.values()) {
    const obstacle = await shortage(need, root);
    if (obstacle) return obstacle;
  }
  return undefined;
}

/** File systems without a limit report 0 as their total. */
async function shortage(need: { directory: string; files: number; bytes: readonly number[] }, root: string): Promise<Obstacle | undefined> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(need.directory);
  const free = (await has(CAP_SYS_RESOURCE)) ? bfree : bavail;
  const needed = need.bytes.reduce((sum, bytes) => sum + Math.ceil(bytes / bsize), 0);
  const where = `on the file system of ${onHost(need.directory, root)}`;
  const remedy = { remedy: 'Free space and inodes on the file system.' };
  if (blocks > 0 && free < needed) {
    return { errno: 'ENOSPC', expected: `${needed * bsize} bytes free ${where}`, found: `${free * bsize} bytes`, ...remedy };
  }
  if (files > 0 && ffree < need.files) {
    return { errno: 'ENOSPC', expected: `${need.files} inodes free ${where}`, found: `${ffree} inodes`, ...remedy };
  }
  return undefined;
}

/** Whether the capability is in effect; root has it where that cannot be read. */
async function has(capability: bigint): Promise<boolean> {
  try {
    const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile('/proc/self/status', 'latin1'))?.[1];
    if (mask !== undefined) return ((BigInt(`0x${mask}`) >> capability) & 1n) === 1n;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
  return process.geteuid?.() === 0;
}

function meaningOf(errno: string): string {
  return [...getSystemErrorMap().values()].find(([name]) => name === errno)?.[1] ?? errno;
}

function onHost(place: string, root: string): string {
  return root === sep ? place : `${sep}${relative(root, place)}`;
}
