import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';

const OTHERS_MAY_WRITE = 0o022;
const OTHERS_MAY_ACCESS = 0o077;
const STICKY = 0o1000;
const OWN_FILES = /^(?:conntrack-api\.sqlite3|samples\.sqlite3|webhooks\.sqlite3|service\.(?:lock|json)|journal-(?:renewal|restore)\.json)/;

/** The user of this process and its group. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

const thisUser = (): User => ({ uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 });

/**
 * Creates the directory (0700, whatever the umask) if it does not exist. Refuses one that another user owns or can write, itself or through
 * a directory above it, and one that contains files of another user, links, pipes or devices under the names of this service: the records and
 * the tokens in it could be those of an attacker. Own files that others may read become private (0600).
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with the path, what was expected and found, and the remedy
 */
export function ensureDataDirectory(dataDir: string, user = thisUser()): void {
  if (mkdirSync(dataDir, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(dataDir, 0o700);
  for (const path of directoriesAbove(dataDir)) requireTrustedParent(path, user);
  requireOwnDirectory(dataDir, user);
  for (const name of readdirSync(dataDir)) {
    if (OWN_FILES.test(name)) requireOwnFile(join(dataDir, name), user);
  }
}

/** Whether the service or one of its commands uses a file of this name in the data directory. */
export function isOwnName(name: string): boolean {
  return OWN_FILES.test(name);
}

/**
 * Refuses a file that another user owns or may write: the records and the tokens in it could be those of an attacker.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE`
 */
export function requireTrustedFile(path: string, user = thisUser()): void {
  const stats = statSync(path);
  const found = isTrustedOwner(stats, user) ? `mode ${modeOf(stats)}` : `user ${stats.uid} as its owner`;
  if (isTrustedOwner(stats, user) && (stats.mode & OTHERS_MAY_WRITE) === 0) return;
  throw new ConntrackError(
    'JOURNAL_UNAVAILABLE',
    `${path} is not used: expected a file that no other user owns or may write, found ${found}.`,
    {
      remedy: `Check where it comes from, and then: chown ${user.uid} ${path} && chmod 600 ${path}`,
    },
  );
}

/** Creates an empty file that only its owner may access, unless the path exists. Never opens an existing file: see `createIfAbsent`. */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    chmodSync(path, 0o600);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** Above the path as it is written and above what it leads to, with links that are part of the path. */
function directoriesAbove(path: string): readonly string[] {
  const above = (each: string): readonly string[] => (dirname(each) === each ? [] : [...above(dirname(each)), dirname(each)]);
  const written = resolve(path);
  const link = lstatSync(written).isSymbolicLink() ? [written] : [];
  return [...new Set([...above(written), ...link, ...above(realpathSync(written))])];
}

/** A user who may rename entries of a directory can replace everything below it. In a sticky directory (/tmp), only its own entries. */
function requireTrustedParent(path: string, user: User): void {
  const link = lstatSync(path);
  if (!isTrustedOwner(link, user)) throw ownedByOther(path, link, user);
  const stats = statSync(path);
  if (!isTrustedOwner(stats, user)) throw ownedByOther(path, stats, user);
  if ((stats.mode & STICKY) === 0 && isWritableByOthers(stats, user)) throw writableByOthers(path, stats);
}

function requireOwnDirectory(path: string, user: User): void {
  const stats = statSync(path);
  if (stats.uid !== user.uid) throw ownedByOther(path, stats, user);
  if ((stats.mode & OTHERS_MAY_WRITE) === 0) return;
  // What is in it may come from others. A sticky directory is shared on purpose.
  if (readdirSync(path).length > 0 || (stats.mode & STICKY) !== 0) throw writableByOthers(path, stats);
  chmodSync(path, stats.mode & 0o7777 & ~OTHERS_MAY_WRITE);
}

function requireOwnFile(path: string, user: User): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  // SQLite removes files while others look; and it reports a directory in place of a file itself.
  if (!stats || stats.isDirectory()) return;
  if (!stats.isFile()) {
    const found = stats.isSymbolicLink() ? 'a symbolic link' : stats.isFIFO() ? 'a pipe' : 'a socket or device';
    throw refused(path, `expected a regular file, found ${found}`, `Check where it comes from, and remove it: rm ${path}`);
  }
  if (stats.uid !== user.uid) throw ownedByOther(path, stats, user);
  if ((stats.mode & OTHERS_MAY_WRITE) !== 0) throw writableByOthers(path, stats);
  if ((stats.mode & OTHERS_MAY_ACCESS) !== 0) chmodSync(path, 0o600);
}

function isTrustedOwner({ uid }: Stats, user: User): boolean {
  return uid === 0 || uid === user.uid || isUnmapped(uid);
}

/** In a user namespace, the directories of the host's root may appear as those of the overflow user. */
function isUnmapped(uid: number): boolean {
  if (uid !== 65_534) return false;
  try {
    // eslint-disable-next-line no-restricted-syntax -- describes this process, and is the same whatever root the service shows
    return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  } catch {
    return false;
  }
}

/** The group of an unprivileged user is usually its own; that of root has other members on some hosts. */
function isWritableByOthers({ mode, uid, gid }: Stats, user: User): boolean {
  const isOwnGroup = user.uid !== 0 && uid === user.uid && gid === user.gid;
  return (mode & (isOwnGroup ? 0o002 : OTHERS_MAY_WRITE)) !== 0;
}

function ownedByOther(path: string, { uid }: Stats, user: User): ConntrackError {
  return refused(
    path,
    `expected user ${user.uid} as its owner, found user ${uid}`,
    `Run as user ${uid}, or check what it contains and change its owner (chown ${user.uid} ${path}), or choose another data directory.`,
  );
}

function writableByOthers(path: string, stats: Stats): ConntrackError {
  return refused(
    path,
    `expected that no other user may write it, found mode ${modeOf(stats)}`,
    `Check that ${basename(path)} contains nothing of others, and change its mode (chmod go-w ${path}), or choose another data directory.`,
  );
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

function refused(path: string, reason: string, remedy: string): ConntrackError {
  return new ConntrackError('JOURNAL_UNAVAILABLE', `The data directory cannot be used, because of ${path}: ${reason}.`, { remedy });
}
