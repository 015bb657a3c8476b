import type { Layout } from './layout.ts';

/** An operation, and whether this host supports it. */
export interface Capability {
  /**
   * `table.count`, `table.object-size`, `counters`, `entries`, `entries.filter`, `entries.delete`, `entries.end`, `entries.update`, `events`, `namespaces`,
   * `settings.write`, `buckets.write`, `persist`, `socket`, `untracked`.
   */
  readonly name: string;
  readonly available: boolean;
  /** The file or interface used. */
  readonly via?: string;
  /** Of `entries.filter`: the parts of a filter that the kernel evaluates. */
  readonly honours?: readonly string[];
  /** Why it is not available; present exactly when `available` is false. */
  readonly reason?: string;
  readonly remedy?: string;
}

/**
 * `root`: one process does everything as root. `separated`: this process runs as an unprivileged user, and a helper writes the boot files.
 * `user`: this process runs as an unprivileged user, without a helper.
 */
export type Privileges = 'root' | 'separated' | 'user';

export interface HostCapabilities {
  /** Absent if connection tracking is not loaded. */
  readonly layout?: Layout;
  /** Whether connection tracking is built into the kernel; `null`: unknown. */
  readonly builtIn: boolean | null;
  readonly namespace: 'initial' | 'child' | 'unknown';
  /** See `LiveSettings.notPersistable`. */
  readonly notPersistable?: string;
  readonly capabilities: readonly Capability[];
}
