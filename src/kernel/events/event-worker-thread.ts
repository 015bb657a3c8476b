import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { EventRequest } from '../../domain/filter/entry-event.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { systemFailure, type SystemFailure } from '../system-failure.ts';
import { EventLosses } from './event-losses.ts';
import { EventLog } from './event-log.ts';
import type { EventCommand, EventMessage, EventReport, EventThreadData } from './event-messages.ts';
import { EventSocket } from './event-socket.ts';
import { EventsRefused } from './events-refused.ts';

/** Events are let gather this long, so that each is not worth a turn of its own. The kernel's buffer holds far more. */
const GATHER_MILLISECONDS = 10;
/** Messages between two looks at the clients: some milliseconds. */
const MESSAGES_A_TURN = 4_096;

const { epoch, namespacePath, losses, ...limits } = workerData as EventThreadData;
const log = new EventLog(epoch, limits, new EventLosses(losses));
let socket: EventSocket | undefined;

parentPort?.on('message', (command: EventCommand) => {
  switch (command.kind) {
    case 'listen':
      listen(command.client, command.request);
      break;
    case 'taken':
      log.taken(command.client, command.buffer, performance.now());
      break;
    case 'leave':
      log.leave(command.client);
      break;
    case 'close':
      process.exit();
  }
});
// Also where an error ends the thread: nobody else closes the descriptor.
process.once('exit', () => socket?.close());

function listen(client: number, request: EventRequest): void {
  try {
    open(request);
  } catch (error) {
    send(client, { kind: 'refused', ...refusalOf(error) });
    return;
  }
  send(client, { kind: 'listening' });
  log.join(client, request, performance.now(), (buffer, length) => {
    send(client, { kind: 'chunk', buffer, length }, [buffer]);
  });
}

function refusalOf(error: unknown): { readonly what: string; readonly failure: SystemFailure } {
  if (error instanceof EventsRefused) return { what: error.what, failure: error.failure };
  if (error instanceof NetlinkError) return { what: error.call, failure: error.failure };
  return { what: 'open', failure: systemFailure(error) };
}

/** Has the kernel tell what this request needs and no other did. */
function open(request: EventRequest): void {
  if (!socket) {
    socket = new EventSocket(log, limits.receiveBufferBytes, namespacePath);
    goFirst();
    setImmediate(turn);
  }
  for (const type of log.unheard(request)) {
    socket.join(type);
    log.hear(type);
  }
}

/** Who is late here loses events for good, and it takes little. Of this thread alone, as Linux has it; without CAP_SYS_NICE all stays as it is. */
function goFirst(): void {
  try {
    if (getPriority() > constants.priority.PRIORITY_HIGH) setPriority(constants.priority.PRIORITY_HIGH);
  } catch (error) {
    systemFailure(error);
  }
}

/** Between two turns the clients are heard. */
function turn(): void {
  const hasMore = socket?.drain(MESSAGES_A_TURN) ?? false;
  log.serve(performance.now());
  if (hasMore) setImmediate(turn);
  else setTimeout(turn, GATHER_MILLISECONDS);
}

function send(client: number, message: EventMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage({ ...message, client } satisfies EventReport, transfer);
}
