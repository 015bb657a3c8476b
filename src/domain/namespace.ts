import type { Unavailable } from './layout.ts';

/** A network namespace of this host that has a name. */
export interface NamedNamespace {
  readonly name: string;
  /** Entries in use there; absent where it cannot be read, which `unavailable` then explains. */
  readonly count?: number;
  readonly unavailable: readonly Unavailable[];
}
