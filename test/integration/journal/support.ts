import SqliteDatabase from 'better-sqlite3';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text as streamText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import type { Connection } from '../../../src/journal/file/connection.ts';
import { DATABASE_FILE, type Database } from '../../../src/journal/file/database.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';

/** Removed when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-journal-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Closed when the test ends. */
export function openJournalDatabase(dataDir = temporaryDirectory()): Database {
  const database = openDatabase(dataDir);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

/** The current connection of the database. */
export function connectionOf(database: Database): Connection {
  return database.read((connection) => connection);
}

/** Changes the journal's file without this product, as anyone can who has the file and sqlite3. Drops the triggers first. */
export function tamper(database: Database, ...statements: readonly string[]): void {
  const raw = new SqliteDatabase(database.path);
  const triggers = raw.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`);
  for (const statement of statements) raw.exec(statement);
  raw.close();
}

export function databasePath(dataDir: string): string {
  return join(dataDir, DATABASE_FILE);
}

/** The ConntrackError that `action` throws; anything else fails the test. */
export function refusal(action: () => unknown): ConntrackError {
  try {
    action();
  } catch (error) {
    if (error instanceof ConntrackError) return error;
    throw error;
  }
  throw new Error('expected a ConntrackError, nothing was thrown');
}

export interface Child {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** The lines it prints. */
  readonly lines: AsyncIterator<string>;
  readonly exited: Promise<{ readonly code: number | null; readonly errors: string }>;
}

export interface Limits {
  /** The maximum size of a file in blocks of 512 bytes. Writes beyond it fail as on a full disk, for every user. */
  readonly fileSizeBlocks: number;
}

/** Another process of the same product: `children/NAME.ts`. Killed when the test ends. */
export function startChild(name: string, parameters: readonly string[], limits?: Limits): Child {
  const script = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  const command = [process.execPath, script, ...parameters];
  const limited = ['/bin/sh', '-c', 'ulimit -f "$0" && exec "$@"', String(limits?.fileSizeBlocks), ...command];
  const [program = '', ...rest] = limits ? limited : command;
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    process: child,
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    exited: Promise.all([streamText(child.stderr), once(child, 'close')]).then(([errors]) => ({ code: child.exitCode, errors })),
  };
}
