import { constants, open } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { errnoOf } from '../domain/conntrack-error.ts';

/** What an existing file keeps when its bytes are replaced. */
export interface FileAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What is at a path. */
export type FoundFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'regular'; readonly content: string; readonly attributes: FileAttributes }
  /** Nothing that may be replaced: `what` names it. */
  | { readonly kind: 'irregular'; readonly what: string }
  | { readonly kind: 'unreadable'; readonly errno: string };

/** The last component may be no link. Never blocks on a pipe. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const MEANING_OF_ERRNO: Readonly<Record<string, FoundFile>> = {
  ENOENT: { kind: 'absent' },
  ELOOP: { kind: 'irregular', what: 'a symbolic link' },
  ENOTDIR: { kind: 'irregular', what: 'below something that is no directory' },
  ENXIO: { kind: 'irregular', what: 'a socket or device' },
};

/** The shared files of the legacy layout grow, but not to this. */
const MAXIMUM_BYTES = 4 * 1024 * 1024;
const OTHERS_MAY_WRITE = 0o002;

/** Reads a regular file as latin1, one character a byte. Fails with the errno; see `insteadOfFile`. */
export async function readRegularFile(path: string): Promise<FoundFile> {
  const handle = await open(path, OPEN_FLAGS);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return { kind: 'irregular', what: stats.isDirectory() ? 'a directory' : 'a pipe or device' };
    const suspicion = whyNotTrusted(stats);
    if (suspicion !== undefined) return { kind: 'irregular', what: suspicion };
    return { kind: 'regular', content: await handle.readFile('latin1'), attributes: attributesOf(stats) };
  } finally {
    await handle.close();
  }
}

/** What is at a path that could not be opened. Throws what is no system error. */
export function insteadOfFile(error: unknown): FoundFile {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  return MEANING_OF_ERRNO[errno] ?? { kind: 'unreadable', errno };
}

/** What root applies at the next boot must be in nobody's hand but root's, or, in a tree of their own, of who runs this. */
export function isForeignOwner({ uid }: Pick<Stats, 'uid'>): boolean {
  return uid !== 0 && uid !== process.geteuid?.();
}

export function isWritableByOthers({ mode }: Pick<Stats, 'mode'>): boolean {
  return (mode & OTHERS_MAY_WRITE) !== 0;
}

/** A new file takes over the owner and the mode of the one it replaces, and another name would go on showing the old one. */
function whyNotTrusted(stats: Stats): string | undefined {
  if (stats.nlink > 1) return `a file with ${stats.nlink} names (hard links)`;
  if (isForeignOwner(stats)) return `a file of the user ${stats.uid}`;
  if (isWritableByOthers(stats)) return 'a file that everybody may write';
  return stats.size > MAXIMUM_BYTES ? `a file of ${stats.size} bytes` : undefined;
}

function attributesOf({ mode, uid, gid }: Stats): FileAttributes {
  return { mode: mode & 0o7777, uid, gid };
}
