import SqliteDatabase from 'better-sqlite3';
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import { ensureDataDirectory } from './data-directory.ts';
import { journalUnavailable } from './journal-error.ts';

export interface LockHolder {
  readonly pid: number;
  readonly startedAt: Date;
  /** Where it serves: `127.0.0.1:8477`. */
  readonly listen?: string;
}

export interface ServiceLock {
  /** Repeating it changes nothing. */
  release(): void;
}

/**
 * Keeps a second service off a data directory until released or until the process ends, however it ends: the lock is SQLite's fcntl lock
 * on an empty file, which the kernel drops with the process. Commands that run beside the service (tokens, verification) do not take it.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` saying who holds it.
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

/** The file is opened by SQLite alone: closing any other descriptor of it in this process would drop the lock. */
function lockFile(path: string, onceHeld: () => void): SqliteDatabase.Database {
  const lock = new SqliteDatabase(path, { timeout: 0 });
  try {
    chmodSync(path, 0o600);
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    onceHeld();
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
  const since = holder['startedAt'];
  const where = holder['listen'];
  const who = [typeof pid === 'number' ? `process ${pid}` : 'another process'];
  if (typeof since === 'string') who.push(`started at ${since}`);
  if (typeof where === 'string') who.push(`serving ${where}`);
  return new ConntrackError('JOURNAL_UNAVAILABLE', `The data directory ${dataDir} is in use by ${who.join(', ')}.`, {
    remedy: 'Stop that service first, or choose another data directory.',
  });
}

/** Advice only: the file may be absent for a moment, and nothing depends on it. */
function readHolder(path: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(readFileSync(path, 'utf8')) as object) };
  } catch {
    return {};
  }
}
