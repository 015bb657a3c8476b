import koffi from 'koffi';
import { getSystemErrorName } from 'node:util';

const libc = koffi.load(null);
/** A C library from before 2018 has no statx(2). What only statx reports is then unknown. */
const statx = optional(() => libc.func('int statx(int dirfd, const char *path, int flags, unsigned int mask, void *buffer)'));
const faccessat = libc.func('int faccessat(int dirfd, const char *path, int mode, int flags)');

/* From linux/fcntl.h, linux/stat.h and unistd.h; the same on x86-64 and arm64. */
const AT_FDCWD = -100;
const AT_EACCESS = 0x200;
const AT_SYMLINK_NOFOLLOW = 0x100;
const [R_OK, W_OK, X_OK] = [4, 2, 1];
const STATX_BYTES = 256;
const ATTRIBUTES_OFFSET = 8;
const ATTRIBUTES = { immutable: 0x10, appendOnly: 0x20, mountPoint: 0x2000 } as const;

export type FileAttribute = keyof typeof ATTRIBUTES;

/**
 * Why this process may not list the directory and create, rename and remove files in it: the errno. Unlike access(2), considers the
 * capabilities of the process. Detects read-only mounts and immutable directories.
 */
export function refusalToUseDirectory(path: string): string | undefined {
  // With the trailing dot, something that is not a directory is ENOTDIR.
  const failed = (faccessat(AT_FDCWD, `${path}/.`, R_OK | W_OK | X_OK, AT_EACCESS) as number) < 0;
  return failed ? getSystemErrorName(-koffi.errno()) : undefined;
}

/** File attributes with which the kernel refuses to replace or remove a file, also for root. None if the file does not exist. Does not follow links. */
export function attributesOf(path: string): readonly FileAttribute[] {
  const buffer = Buffer.alloc(STATX_BYTES);
  if (statx === undefined || (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0, buffer) as number) < 0) return [];
  const bits = Number(buffer.readBigUInt64LE(ATTRIBUTES_OFFSET));
  return (Object.keys(ATTRIBUTES) as FileAttribute[]).filter((name) => (bits & ATTRIBUTES[name]) !== 0);
}

function optional<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}
