import { watch, type FSWatcher } from 'node:fs';
import { NAMESPACES_DIRECTORY } from '../named-namespaces.ts';
import { systemFailure } from '../system-failure.ts';

/** Mounts and unmounts do not notify watchers of the directory. */
const CHECK_MILLISECONDS = 1_000;

/** Calls back when a named network namespace may have been added or removed. */
export class NamespaceWatch {
  private readonly onChange: () => void;
  private timer: NodeJS.Timeout | undefined;
  private watcher: FSWatcher | undefined;

  constructor(onChange: () => void) {
    this.onChange = onChange;
  }

  start(): void {
    if (this.timer) return;
    this.timer = setInterval(this.onChange, CHECK_MILLISECONDS).unref();
    try {
      this.watcher = watch(NAMESPACES_DIRECTORY, { persistent: false }, this.onChange);
      // The timer continues.
      this.watcher.on('error', () => this.watcher?.close());
    } catch (error) {
      // No watch is left (ENOSPC, EMFILE), or the directory does not exist.
      systemFailure(error);
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.watcher?.close();
    this.watcher = undefined;
  }
}
