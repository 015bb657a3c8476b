import { watch, type FSWatcher } from 'node:fs';
import { systemFailure } from '../system-failure.ts';

/** How often the files are read as well. */
const READ_MILLISECONDS = 50;

/**
 * Looks for a resize of the hash table while passes run, in two ways. The kernel queues a notification of each write to the files, so that none
 * is missed, however busy the host is; but only for writes through this mount of /proc or /sys. The size is also read regularly.
 */
export class ResizeWatch {
  private readonly onWrite: () => void;
  private readonly onTime: () => void;
  private timer: NodeJS.Timeout | undefined;
  private watchers: readonly FSWatcher[] = [];

  /** @param onWrite called after a write to one of the files @param onTime called when the files should be read */
  constructor(onWrite: () => void, onTime: () => void) {
    this.onWrite = onWrite;
    this.onTime = onTime;
  }

  /** @param paths files with the number of buckets, in the network namespace of the service */
  start(paths: readonly string[]): void {
    if (this.timer) return;
    this.timer = setInterval(this.onTime, READ_MILLISECONDS);
    this.watchers = paths.flatMap((path) => this.watch(path));
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    for (const watcher of this.watchers) watcher.close();
    this.watchers = [];
  }

  private watch(path: string): readonly FSWatcher[] {
    try {
      const watcher = watch(path, { persistent: false }, this.onWrite);
      watcher.on('error', () => {
        watcher.close();
      });
      return [watcher];
    } catch (error) {
      // The file does not exist, or no watch is left: the size is still read.
      systemFailure(error);
      return [];
    }
  }
}
