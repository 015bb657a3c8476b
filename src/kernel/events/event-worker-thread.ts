import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { EventRequest } from '../../domain/filter/entry-event.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { systemFailure, type SystemFailure } from '../system-failure.ts';
import { receiveCommands } from '../worker/worker-port.ts';
import { EventLosses } from './event-losses.ts';
import { EventLog } from './event-log.ts';
import type { EventCommand, EventMessage, EventReport, EventWorkerData } from './event-messages.ts';
import { EventSocket, EventsRefused } from './event-socket.ts';

/** How long events are batched before they are sent to clients. The receive buffer of the kernel holds far more. */
const BATCH_MILLISECONDS = 10;
/** Messages received before the clients are served: a few milliseconds. */
const MESSAGES_A_TURN = 4_096;

const { epoch, namespacePath, namespaceIdentity, losses, ...limits } = workerData as EventWorkerData;
const log = new EventLog(epoch, limits, new EventLosses(losses));
let socket: EventSocket | undefined;

receiveCommands((command: EventCommand) => {
  switch (command.kind) {
    case 'listen':
      listen(command.channel, command.request);
      break;
    case 'taken':
      log.taken(command.channel, command.buffer, performance.now());
      break;
    case 'leave':
      log.leave(command.channel);
      break;
  }
});
// Also when an error ends the thread: nothing else closes the descriptor.
process.once('exit', () => socket?.close());

function listen(channel: number, request: EventRequest): void {
  try {
    open(request);
  } catch (error) {
    send(channel, { kind: 'refused', ...refusalOf(error) });
    return;
  }
  send(channel, { kind: 'listening' });
  log.join(channel, request, performance.now(), (buffer, length) => {
    send(channel, { kind: 'chunk', buffer, length }, [buffer]);
  });
}

function refusalOf(error: unknown): { readonly what: string; readonly failure: SystemFailure } {
  if (error instanceof EventsRefused) return { what: error.what, failure: error.failure };
  if (error instanceof NetlinkError) return { what: error.call, failure: error.failure };
  return { what: 'open', failure: systemFailure(error) };
}

/** Subscribes to the event types that this request adds. */
function open(request: EventRequest): void {
  if (!socket) {
    socket = new EventSocket(log, limits.receiveBufferBytes, namespacePath, namespaceIdentity);
    raisePriority();
    setImmediate(turn);
  }
  for (const type of log.missingTypes(request)) {
    socket.join(type);
    log.addType(type);
  }
}

/**
 * A late reader loses events, and reading takes little CPU time. On Linux this applies to the calling thread only. Without CAP_SYS_NICE the
 * priority stays as it is.
 */
function raisePriority(): void {
  try {
    if (getPriority() > constants.priority.PRIORITY_HIGH) setPriority(constants.priority.PRIORITY_HIGH);
  } catch (error) {
    systemFailure(error);
  }
}

/** Between two turns, pending commands of clients are received. */
function turn(): void {
  const hasMore = socket?.drain(MESSAGES_A_TURN) ?? false;
  log.serve(performance.now());
  if (hasMore) setImmediate(turn);
  else setTimeout(turn, BATCH_MILLISECONDS);
}

function send(channel: number, message: EventMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage({ ...message, channel } satisfies EventReport, transfer);
}
