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
  /** Nothing that may be replaced by a file: `what` names it. */
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

/** Reads a regular file as latin1, one character a byte. Fails with the errno; see `insteadOfFile`. */
export async function readRegularFile(path: string): Promise<FoundFile> {
  const handle = await open(path, OPEN_FLAGS);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return { kind: 'irregular', what: stats.isDirectory() ? 'a directory' : 'a pipe or device' };
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

function attributesOf({ mode, uid, gid }: Stats): FileAttributes {
  return { mode: mode & 0o7777, uid, gid };
}
