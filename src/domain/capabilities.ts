import type { Layout } from './layout.ts';

/** What can be done on this host, and why not. */
export interface Capability {
  /**
   * `table.count`, `table.object-size`, `counters`, `entries`, `entries.filter`, `entries.delete`, `events`, `namespaces`, `settings.write`,
   * `buckets.write`, `persist`.
   */
  readonly name: string;
  readonly available: boolean;
  /** The file, or the way, it is done through. */
  readonly via?: string;
  /** Of `entries.filter`: the parts of a filter that the kernel selects by itself. */
  readonly honours?: readonly string[];
  /** Why not; present exactly when it is not available. */
  readonly reason?: string;
  readonly remedy?: string;
}

/**
 * `root`: one process does everything as root. `separated`: this process is an ordinary user, and a helper writes the boot files.
 * `user`: an ordinary user alone.
 */
export type Privileges = 'root' | 'separated' | 'user';

export interface HostCapabilities {
  /** Absent while connection tracking is not loaded. */
  readonly layout?: Layout;
  /** How connection tracking came into this kernel. */
  readonly builtIn: boolean | null;
  readonly namespace: 'initial' | 'child' | 'unknown';
  readonly capabilities: readonly Capability[];
}
