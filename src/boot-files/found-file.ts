import { constants, open } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { errnoOf } from '../domain/conntrack-error.ts';

/** Attributes that a file keeps when its content is replaced. */
export interface FileAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What exists at a path. */
export type FoundFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'regular'; readonly content: string; readonly attributes: FileAttributes }
  /** Must not be replaced; `what` is a noun phrase for messages. */
  | { readonly kind: 'irregular'; readonly what: string }
  | { readonly kind: 'unreadable'; readonly errno: string };

/** Does not follow a link in the last component, and does not block on a pipe. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const MEANING_OF_ERRNO: Readonly<Record<string, FoundFile>> = {
  ENOENT: { kind: 'absent' },
  ELOOP: { kind: 'irregular', what: 'a symbolic link' },
  ENOTDIR: { kind: 'irregular', what: 'below something that is not a directory' },
  ENXIO: { kind: 'irregular', what: 'a socket or device' },
};

/** No shared file of the legacy layout is this large. */
const MAXIMUM_BYTES = 4 * 1024 * 1024;
const OTHERS_MAY_WRITE = 0o002;

/** Reads a regular file as latin1, one character per byte. Rejects with a system error; see `foundInstead`. */
export async function readRegularFile(path: string): Promise<FoundFile> {
  const handle = await open(path, OPEN_FLAGS);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return { kind: 'irregular', what: stats.isDirectory() ? 'a directory' : 'a pipe or device' };
    const untrusted = untrustedFile(stats);
    if (untrusted !== undefined) return { kind: 'irregular', what: untrusted };
    return { kind: 'regular', content: await handle.readFile('latin1'), attributes: attributesOf(stats) };
  } finally {
    await handle.close();
  }
}

/** What exists at a path that could not be opened. Throws any error that is not a system error. */
export function foundInstead(error: unknown): FoundFile {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  return MEANING_OF_ERRNO[errno] ?? { kind: 'unreadable', errno };
}

/** Root applies these files at boot, so only root may own them, or, in a test tree, the user who runs this process. */
export function isUntrustedOwner({ uid }: Pick<Stats, 'uid'>): boolean {
  return uid !== 0 && uid !== process.geteuid?.();
}

export function isWritableByOthers({ mode }: Pick<Stats, 'mode'>): boolean {
  return (mode & OTHERS_MAY_WRITE) !== 0;
}

/**
 * Why a regular file must not be replaced. The new file gets the owner and mode of the old one, so these must be safe; and another hard link
 * would keep the old content.
 */
function untrustedFile(stats: Stats): string | undefined {
  if (stats.nlink > 1) return `a file with ${stats.nlink} hard links`;
  if (isUntrustedOwner(stats)) return `a file that user ${stats.uid} owns`;
  if (isWritableByOthers(stats)) return 'a file that all users may write';
  return stats.size > MAXIMUM_BYTES ? `a file of ${stats.size} bytes` : undefined;
}

function attributesOf({ mode, uid, gid }: Stats): FileAttributes {
  return { mode: mode & 0o7777, uid, gid };
}
