import type { Socket } from 'node:net';

/** Limits the number of open connections per key. */
export class HeldConnections {
  private readonly limit: number;
  private readonly held = new Map<string, number>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Counts the connection until it closes. Closes it at once if there are too many. */
  add(key: string, socket: Socket): void {
    const count = (this.held.get(key) ?? 0) + 1;
    this.held.set(key, count);
    socket.once('close', () => {
      const left = (this.held.get(key) ?? 1) - 1;
      if (left === 0) this.held.delete(key);
      else this.held.set(key, left);
    });
    if (count > this.limit) socket.destroy();
  }
}
