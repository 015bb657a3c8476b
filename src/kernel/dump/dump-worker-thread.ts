import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { errnoOf } from '../../domain/conntrack-error.ts';
import type { EntrySource } from '../entries/entry-source.ts';
import { inIdentifiedNamespace, inNamespace } from '../netlink/in-namespace.ts';
import { relieveMemory } from '../memory/require-memory.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { systemFailure } from '../system-failure.ts';
import { receiveCommands } from '../worker/worker-port.ts';
import type { DumpCommand, DumpJob, DumpMessage, DumpReport, DumpSource } from './dump-job.ts';
import { DumpRunner } from './dump-runner.ts';
import { openSource } from './open-source.ts';
import { ResizeWatch } from './resize-watch.ts';

/** Steps of one pass before the next pass gets its turn: a few milliseconds. */
const STEPS_A_TURN = 8;

/** On Linux this applies to the calling thread only. Requests to this service, and other processes, get the CPU before a dump. */
const NICE = 5;
if (getPriority() < NICE) setPriority(NICE);

const runners = new Map<number, DumpRunner>();
let scheduled = false;
const watch = new ResizeWatch(
  () => {
    for (const runner of runners.values()) runner.noteResize();
  },
  () => {
    for (const runner of runners.values()) runner.watchTable();
  },
);

receiveCommands((command: DumpCommand) => {
  switch (command.kind) {
    case 'start':
      start(command.channel, command.job);
      break;
    case 'buffer':
      runners.get(command.channel)?.addBuffer(command.buffer);
      break;
    case 'part':
      runners.get(command.channel)?.addPart(command.part);
      break;
    case 'stop':
      runners.get(command.channel)?.close();
      runners.delete(command.channel);
      break;
  }
  endWatch();
  schedule();
});

function start(channel: number, job: DumpJob): void {
  const send = (message: DumpMessage, transfer: readonly ArrayBuffer[] = []): void => {
    parentPort?.postMessage({ ...message, channel } satisfies DumpReport, transfer);
  };
  let source: EntrySource | undefined;
  // Not in the other namespace: there, the files are others.
  watch.start(job.bucketsPaths);
  try {
    const open = (): EntrySource => (source = openSource(job));
    // All sockets of a dump belong to the namespace that it reads, including the one that deletes.
    const runner = inNamespaceOf(job.source, () => new DumpRunner(job, open, send));
    runners.set(channel, runner);
    send({ kind: 'opened' });
  } catch (error) {
    source?.close();
    send(refusalFor(error));
  }
}

function inNamespaceOf(source: DumpSource, work: () => DumpRunner): DumpRunner {
  if (source.kind === 'text') return work();
  const { namespacePath, namespaceIdentity } = source;
  if (namespacePath === undefined || namespaceIdentity === undefined) return inNamespace(namespacePath, work);
  return inIdentifiedNamespace(namespacePath, namespaceIdentity, work);
}

/** Does not throw: the worker runs other passes. */
function refusalFor(error: unknown): DumpMessage {
  if (error instanceof NetlinkError) return { kind: 'unreadable', what: error.call, failure: error.failure };
  if (errnoOf(error) === undefined) return { kind: 'broken', reason: String(error) };
  return { kind: 'unreadable', what: 'open', failure: systemFailure(error) };
}

/** At once, so that no notification is left for the next pass. */
function endWatch(): void {
  if (runners.size === 0) watch.stop();
}

/** Between two turns, pending messages are received. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(turn);
}

function turn(): void {
  scheduled = false;
  let hasMore = false;
  for (const [channel, runner] of runners) {
    for (let step = 0; step < STEPS_A_TURN && runner.isReady(); step += 1) {
      if (!runner.step()) continue;
      runners.delete(channel);
      break;
    }
    hasMore ||= runners.has(channel) && runner.isReady();
  }
  endWatch();
  if (hasMore) schedule();
  else if (runners.size === 0) relieveMemory();
}
