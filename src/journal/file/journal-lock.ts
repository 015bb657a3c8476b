import SqliteDatabase from 'better-sqlite3';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import { createPrivateFile, ensureDataDirectory } from './data-directory.ts';
import { journalUnavailable } from './journal-error.ts';

export interface LockHolder {
  readonly pid: number;
  readonly startedAt: Date;
  /** The address it listens on: `127.0.0.1:8477`. */
  readonly listen?: string;
}

export interface ServiceLock {
  /** Idempotent. */
  release(): void;
}

/**
 * Keeps a second service from using a data directory until the lock is released or the process ends in any way. The lock is SQLite's fcntl
 * lock on an empty file, which the kernel drops with the process. Commands that may run at the same time (tokens, verification) do not
 * acquire it.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with the process that holds it
 */
export function acquireServiceLock(dataDir: string, holder: LockHolder = { pid: process.pid, startedAt: new Date() }): ServiceLock {
  const path = join(dataDir, 'service.lock');
  const holderPath = join(dataDir, 'service.json');
  try {
    ensureDataDirectory(dataDir);
    const lock = lockFile(path, () => {
      writeHolder(holderPath, holder);
    });
    return {
      release: () => {
        release(lock, holderPath);
      },
    };
  } catch (error) {
    throw errnoOf(error) === 'SQLITE_BUSY' ? heldBy(dataDir, holderPath) : journalUnavailable(path, error);
  }
}

/** Only SQLite opens the file once it exists: closing any other descriptor of it in this process would drop the lock. */
function lockFile(path: string, onAcquired: () => void): SqliteDatabase.Database {
  createPrivateFile(path);
  const lock = new SqliteDatabase(path, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    onAcquired();
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

function writeHolder(path: string, holder: LockHolder): void {
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

function release(lock: SqliteDatabase.Database, holderPath: string): void {
  if (!lock.open) return;
  rmSync(holderPath, { force: true });
  lock.close();
}

function heldBy(dataDir: string, holderPath: string): ConntrackError {
  const holder = readHolder(holderPath);
  const pid = holder['pid'];
  const startedAt = holder['startedAt'];
  const listen = holder['listen'];
  const owner = [typeof pid === 'number' ? `process ${pid}` : 'another process'];
  if (typeof startedAt === 'string') owner.push(`started at ${startedAt}`);
  if (typeof listen === 'string') owner.push(`listening on ${listen}`);
  return new ConntrackError('JOURNAL_UNAVAILABLE', `The data directory ${dataDir} is in use by ${owner.join(', ')}.`, {
    remedy: 'Stop that service first, or choose another data directory.',
  });
}

/** For messages only: the file may be briefly absent. */
function readHolder(path: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(readFileSync(path, 'utf8')) as object) };
  } catch {
    return {};
  }
}
