import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { JournalHead } from '../../application/ports/journal.ts';
import { errnoOf } from '../../domain/conntrack-error.ts';
import { journalUnavailable } from '../file/journal-error.ts';
import { syncDirectory } from '../file/sync-directory.ts';
import { breakBetween } from '../record/record.ts';
import { StoredObject } from '../record/stored-object.ts';

/** An export that is unbroken. */
export interface VerifiedFile {
  /** The head that its first record follows. */
  readonly start: JournalHead;
  readonly through: JournalHead;
  readonly records: number;
  readonly sha256: string;
}

const CHUNK_BYTES = 1024 * 1024;
const CHUNK_LINES = 200;

/**
 * Writes lines to a new file (0600) that is durable under its name on return. A file that exists is never replaced. If the process is killed, at
 * most a file beside it remains.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with the errno
 */
export function writeArchive(path: string, lines: Iterable<string>): void {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    writeDraft(draft, lines);
    linkSync(draft, path);
    syncDirectory(dirname(path));
  } catch (error) {
    throw journalUnavailable(path, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDraft(path: string, lines: Iterable<string>): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    let chunk: string[] = [];
    const write = (): void => {
      const bytes = Buffer.from(chunk.map((line) => `${line}\n`).join(''));
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
      chunk = [];
    };
    for (const line of lines) if (chunk.push(line) === CHUNK_LINES) write();
    write();
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads an export again and recomputes every hash.
 *
 * @param each called with each record
 *
 * @returns `undefined` if the file does not exist
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` with the first broken record
 */
export function verifyFile(path: string, each: (record: JournalHead) => void = () => undefined): VerifiedFile | undefined {
  try {
    return verified(path, each);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw journalUnavailable(path, error);
  }
}

function verified(path: string, each: (record: JournalHead) => void): VerifiedFile {
  const digest = createHash('sha256');
  let start: JournalHead | undefined;
  let last: JournalHead | undefined;
  for (const line of linesOf(path, (bytes) => digest.update(bytes))) {
    const row = rowIn(line);
    start ??= { sequence: row.sequence - 1, hash: row.previous_hash };
    const reason = breakBetween(last ?? start, row);
    if (reason !== undefined) throw new Error(`record ${row.sequence} is broken: ${reason}`);
    last = { sequence: row.sequence, hash: row.hash };
    each(last);
  }
  if (!start || !last) throw new Error('it contains no record');
  return { start, through: last, records: last.sequence - start.sequence, sha256: digest.digest('hex') };
}

function rowIn(line: string) {
  const stored = new StoredObject(JSON.parse(line));
  return {
    sequence: stored.integer('sequence'),
    kind: stored.text('kind'),
    change_id: stored.integer('changeId'),
    recorded_at: stored.text('recordedAt'),
    previous_hash: stored.text('previousHash'),
    hash: stored.text('hash'),
    content: stored.text('content'),
  };
}

function* linesOf(path: string, read: (bytes: Buffer) => void): Generator<string, void, undefined> {
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      const bytes = buffer.subarray(0, count);
      read(bytes);
      rest = Buffer.concat([rest, bytes]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        yield rest.toString('utf8', 0, end);
        rest = rest.subarray(end + 1);
      }
    }
    if (rest.length > 0) throw new Error('it ends in the middle of a line');
  } finally {
    closeSync(descriptor);
  }
}
