import { randomBytes } from 'node:crypto';
import { constants, mkdir, open, readdir, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../domain/conntrack-error.ts';
import type { FileAttributes } from './found-file.ts';

const CREATE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const DIRECTORY_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NEW_FILE_MODE = 0o644;
const NEW_DIRECTORY_MODE = 0o755;

/**
 * Replaces or creates a file atomically: a reader, or a crash, sees either the old bytes or the new ones. The file is durable on return.
 * If it throws, the file has its old bytes, unless syncing the directory failed.
 *
 * @param content latin1, one character per byte
 * @param attributes of the file that is replaced; undefined for a new file (0644, owned by this process)
 */
export async function replaceFile(path: string, content: string, attributes?: FileAttributes): Promise<void> {
  const temporary = join(dirname(path), `${leftoverPrefix(path)}${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeTemporary(temporary, content, attributes);
    await rename(temporary, path);
  } catch (error) {
    // The first error is the one to report. The next write removes the temporary file if this cannot.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The removal is durable on return. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path);
  await syncDirectory(dirname(path));
}

/** Creates the directory and its parents durably, with mode 0755 regardless of the umask. */
export async function ensureDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, NEW_DIRECTORY_MODE);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    if (errnoOf(error) !== 'ENOENT') throw error;
    await ensureDirectory(dirname(path));
    await mkdir(path, NEW_DIRECTORY_MODE);
  }
  await withHandle(path, DIRECTORY_FLAGS, (directory) => directory.chmod(NEW_DIRECTORY_MODE));
  await syncDirectory(dirname(path));
}

/** Removes the temporary files that a killed process left beside this file. */
export async function removeLeftovers(path: string): Promise<void> {
  for (const entry of await readdir(dirname(path), { withFileTypes: true })) {
    if (entry.isFile() && isLeftover(entry.name, path)) await unlink(join(dirname(path), entry.name));
  }
}

/** Hidden and not ending in .conf: neither systemd nor modprobe reads it as configuration. */
function leftoverPrefix(path: string): string {
  return `.${basename(path)}.`;
}

function isLeftover(name: string, path: string): boolean {
  const prefix = leftoverPrefix(path);
  return name.startsWith(prefix) && /^[0-9a-f]{16}\.tmp$/.test(name.slice(prefix.length));
}

async function writeTemporary(path: string, content: string, attributes?: FileAttributes): Promise<void> {
  await withHandle(path, CREATE_FLAGS, async (file) => {
    await file.writeFile(content, 'latin1');
    if (attributes !== undefined) await setOwner(file, attributes);
    await file.chmod(attributes?.mode ?? NEW_FILE_MODE);
    await file.sync();
  });
}

/** Only root may change the owner, so this does nothing if the owner is already correct. */
async function setOwner(file: FileHandle, { uid, gid }: FileAttributes): Promise<void> {
  const stats = await file.stat();
  if (stats.uid !== uid || stats.gid !== gid) await file.chown(uid, gid);
}

/** Without this, a power failure can lose the rename. */
async function syncDirectory(path: string): Promise<void> {
  await withHandle(path, constants.O_RDONLY | constants.O_DIRECTORY, (directory) => directory.sync());
}

async function withHandle(path: string, flags: number, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
