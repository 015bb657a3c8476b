import type { Socket } from 'node:net';

/** Connections held open for each key. */
export class HeldConnections {
  private readonly most: number;
  private readonly held = new Map<string, number>();

  constructor(most: number) {
    this.most = most;
  }

  /** Counts it until it closes, which is at once where there are too many. */
  add(key: string, socket: Socket): void {
    const count = (this.held.get(key) ?? 0) + 1;
    this.held.set(key, count);
    socket.once('close', () => {
      const left = (this.held.get(key) ?? 1) - 1;
      if (left === 0) this.held.delete(key);
      else this.held.set(key, left);
    });
    if (count > this.most) socket.destroy();
  }
}
