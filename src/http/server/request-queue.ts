import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Lane } from './lane.ts';
import { isProbe } from './probe-paths.ts';

const READS = ['GET', 'HEAD', 'OPTIONS'];
/** Of one connection. A client that pipelines more is disconnected: Node bounds neither their number nor their memory. */
const WAITING_MAX = 32;

export function isRead(method = ''): boolean {
  return READS.includes(method);
}

/** What the queue needs to know, from the parts of the service that know it. */
export interface Priorities {
  /** Whether the client has recently proved who it is. */
  isKnown(request: IncomingMessage): boolean;
  /** Whether the host is being changed, also by the service itself. */
  isChanging(): boolean;
  /** Responds to a probe without the framework. @returns false if the framework has to */
  answerProbe(request: IncomingMessage, response: ServerResponse, framework: () => void): boolean;
}

/**
 * Decides when each request is passed to the framework, so that reads and probes, however many, delay no change and no revert.
 *
 * Changes of clients that are known are passed at once. Everything else waits in one of three lanes, which give way to changes: probes,
 * requests of clients that are known, and requests of all others. No lane waits for another.
 */
export class RequestQueue {
  private readonly probes = new Lane(() => this.isChanging());
  private readonly known = new Lane(() => this.isChanging());
  private readonly unknown = new Lane(() => this.isChanging());
  private readonly waitingOn = new WeakMap<Socket, number>();
  private readonly priorities: Priorities;
  private changes = 0;

  constructor(priorities: Priorities) {
    this.priorities = priorities;
  }

  /** Takes the place of the framework as the listener of the server. */
  insertInto(server: Server): void {
    const [framework] = server.listeners('request') as RequestListener[];
    if (!framework) throw new Error('The server has no request listener.');
    server.removeAllListeners('request').on('request', (request: IncomingMessage, response: ServerResponse) => {
      const serve = (): void => {
        framework(request, response);
      };
      const lane = this.laneOf(request);
      if (lane === this.known && !isRead(request.method)) this.serveChange(response, serve);
      else this.queue(lane, request, response, serve);
    });
  }

  private serveChange(response: ServerResponse, serve: () => void): void {
    this.changes += 1;
    response.once('close', () => {
      this.changes -= 1;
    });
    serve();
  }

  private laneOf(request: IncomingMessage): Lane {
    if (isProbe(request.url ?? '')) return this.probes;
    return this.priorities.isKnown(request) ? this.known : this.unknown;
  }

  private queue(lane: Lane, request: IncomingMessage, response: ServerResponse, serve: () => void): void {
    const { socket } = request;
    const waiting = (this.waitingOn.get(socket) ?? 0) + 1;
    if (waiting > WAITING_MAX) {
      socket.destroy();
      return;
    }
    this.waitingOn.set(socket, waiting);
    lane.add(response, () => {
      this.waitingOn.set(socket, (this.waitingOn.get(socket) ?? 1) - 1);
      if (lane !== this.probes || !this.priorities.answerProbe(request, response, serve)) serve();
    });
  }

  private isChanging(): boolean {
    return this.changes > 0 || this.priorities.isChanging();
  }
}
