import { openSync, readFileSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { systemFailure, type SystemFailure } from '../system-failure.ts';
import { BLOCK_BYTES, readLines, type ReadBlock } from './dump-lines.ts';
import type { DumpJob, DumpMessage } from './dump-messages.ts';
import { collectPage, formattedChunks, matchingEntries, type CollectedPage, type Tally } from './dump-pass.ts';

/** The thread of one dump: synchronous from end to end, so that ending the thread is the only way to stop it. */
function run(job: DumpJob): void {
  const buckets = readFirst(job.bucketsPaths);
  const source = openSource(job.path);
  if ('failure' in source) {
    send({ kind: 'unreadable', failure: source.failure });
    return;
  }
  send({ kind: 'opened' });
  const tally: Tally = { entries: 0, scanned: 0, unparsedLines: 0 };
  const page = produce(job, source.read, tally);
  const failure = source.broken();
  const resized = readFirst(job.bucketsPaths) !== buckets;
  send({
    kind: 'end',
    tally,
    ...(failure
      ? { outcome: 'interrupted', reason: `reading broke off: ${failure.message} (${failure.code})` }
      : { outcome: resized ? 'resized' : 'complete' }),
    ...(page && { page }),
  });
}

function produce({ filter, output, credits }: DumpJob, read: ReadBlock, tally: Tally): CollectedPage | undefined {
  const entries = matchingEntries(readLines(read), filter, tally);
  if (output.kind === 'page') return collectPage(entries, output.limit, output.after, tally);
  for (const bytes of formattedChunks(entries, output.format, tally)) {
    Atomics.wait(credits, 0, 0);
    Atomics.sub(credits, 0, 1);
    send({ kind: 'chunk', bytes, tally }, [bytes.buffer]);
  }
  return undefined;
}

interface Source {
  readonly read: ReadBlock;
  /** The error that ended reading before the end of the file. */
  broken(): SystemFailure | undefined;
}

/** Reads the first block at once: an error there is one that the caller can still be told. */
function openSource(path: string): Source | { readonly failure: SystemFailure } {
  const first = Buffer.allocUnsafe(BLOCK_BYTES);
  let ahead: number | undefined;
  let descriptor: number;
  let failure: SystemFailure | undefined;
  try {
    descriptor = openSync(path, 'r');
    ahead = readSync(descriptor, first, 0, BLOCK_BYTES, null);
  } catch (error) {
    return { failure: systemFailure(error) };
  }
  const read: ReadBlock = (buffer, offset, length) => {
    if (ahead !== undefined) {
      const copied = first.copy(buffer, offset, 0, ahead);
      ahead = undefined;
      return copied;
    }
    try {
      return readSync(descriptor, buffer, offset, length, null);
    } catch (error) {
      failure = systemFailure(error);
      return -1;
    }
  };
  return { read, broken: () => failure };
}

function readFirst(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      systemFailure(error);
    }
  }
  return undefined;
}

function send(message: DumpMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

run(workerData as DumpJob);
