import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { errnoOf } from '../../domain/conntrack-error.ts';
import type { EntrySource } from '../entries/entry-source.ts';
import { inNamespace } from '../netlink/in-namespace.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { systemFailure } from '../system-failure.ts';
import type { DumpCommand, DumpJob, DumpMessage, DumpReport } from './dump-job.ts';
import { DumpRunner } from './dump-runner.ts';
import { openSource } from './open-source.ts';

/** Pieces of one pass before the others have their turn: some milliseconds. */
const PIECES_A_TURN = 8;

/** Of this thread alone, as Linux has it: whoever else wants the processor, requests to this service first of all, goes before a dump. */
const NICE = 5;
if (getPriority() < NICE) setPriority(NICE);

const runners = new Map<number, DumpRunner>();
let scheduled = false;

parentPort?.on('message', (command: DumpCommand) => {
  // Of this thread, not of the process.
  if (command.kind === 'end') process.exit();
  switch (command.kind) {
    case 'start':
      start(command.dump, command.job);
      break;
    case 'buffer':
      runners.get(command.dump)?.addBuffer(command.buffer);
      break;
    case 'stop':
      runners.get(command.dump)?.close();
      runners.delete(command.dump);
      break;
  }
  schedule();
});

function start(dump: number, job: DumpJob): void {
  const send = (message: DumpMessage, transfer: readonly ArrayBuffer[] = []): void => {
    parentPort?.postMessage({ ...message, dump } satisfies DumpReport, transfer);
  };
  let source: EntrySource | undefined;
  try {
    const open = (): EntrySource => (source = openSource(job.source, job.filter));
    // Whatever sockets a dump has, they are of the namespace that it reads, also that of one that deletes.
    const runner = inNamespace(job.source.kind === 'text' ? undefined : job.source.namespacePath, () => new DumpRunner(job, open, send));
    runners.set(dump, runner);
    send({ kind: 'opened' });
  } catch (error) {
    source?.close();
    send(refusalFor(error));
  }
}

/** Whatever it was, it is told and not thrown: the thread has other dumps going. */
function refusalFor(error: unknown): DumpMessage {
  if (error instanceof NetlinkError) return { kind: 'unreadable', what: error.call, failure: error.failure };
  if (errnoOf(error) === undefined) return { kind: 'broken', reason: String(error) };
  return { kind: 'unreadable', what: 'open', failure: systemFailure(error) };
}

/** Between two turns the messages that came meanwhile are heard. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(turn);
}

function turn(): void {
  scheduled = false;
  let again = false;
  for (const [dump, runner] of runners) {
    for (let piece = 0; piece < PIECES_A_TURN && runner.isReady(); piece += 1) {
      if (!runner.step()) continue;
      runners.delete(dump);
      break;
    }
    again ||= runners.has(dump) && runner.isReady();
  }
  if (again) schedule();
}
