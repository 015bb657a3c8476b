import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireServiceLock } from '../../../src/journal/file/journal-lock.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { openJournalDatabase, refusal, startChild, temporaryDirectory } from './support.ts';

describe('the service lock', () => {
  it('is held by one service, which the error of a second one names, and is dropped when the holder is killed', async () => {
    const dataDir = temporaryDirectory();
    const holder = startChild('hold-service-lock', [dataDir]);
    await holder.lines.next();
    const error = refusal(() => acquireServiceLock(dataDir));
    expect(error.code).toBe('JOURNAL_UNAVAILABLE');
    expect(error.message).toBe(
      `The data directory ${dataDir} is in use by process ${String(holder.process.pid)}, started at 2026-01-01T00:00:00.000Z, listening on 127.0.0.1:8477.`,
    );

    holder.process.kill('SIGKILL');
    await holder.exited;
    acquireServiceLock(dataDir).release();
  });

  it('is not dropped by a refused attempt in the same process', async () => {
    const dataDir = temporaryDirectory();
    const lock = acquireServiceLock(dataDir);
    expect(refusal(() => acquireServiceLock(dataDir)).message).toContain(`process ${process.pid}`);
    const outsider = startChild('hold-service-lock', [dataDir]);
    expect(await outsider.exited).toMatchObject({ code: 1, errors: expect.stringContaining(`process ${process.pid}`) as string });
    lock.release();
  });

  it('can be acquired again after its release, which is idempotent', () => {
    const dataDir = temporaryDirectory();
    const first = acquireServiceLock(dataDir);
    first.release();
    first.release();
    expect(existsSync(join(dataDir, 'service.json'))).toBe(false);
    const second = acquireServiceLock(dataDir);
    first.release();
    expect(refusal(() => acquireServiceLock(dataDir)).code).toBe('JOURNAL_UNAVAILABLE');
    second.release();
  });

  it('creates its files for their owner only, and the directory if it does not exist', () => {
    const dataDir = join(temporaryDirectory(), 'data');
    const lock = acquireServiceLock(dataDir);
    expect(['.', 'service.lock', 'service.json'].map((name) => statSync(join(dataDir, name)).mode & 0o777)).toEqual([0o700, 0o600, 0o600]);
    lock.release();
  });

  it('does not block command-line tools from using the database', () => {
    const dataDir = temporaryDirectory();
    const lock = acquireServiceLock(dataDir);
    expect(new SqliteJournal(openJournalDatabase(dataDir)).pending()).toEqual([]);
    lock.release();
  });
});
