import type { HostCapabilities } from '../../domain/capabilities.ts';
import type { EntryFilter, EntryPage, StreamFormat } from '../../domain/entry.ts';
import type { HostFacts } from '../../domain/risks.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';
import type { CounterReading, TableReading } from '../../domain/table.ts';

/**
 * The settings the kernel has, enumerated each time: a module that appears is noticed, one that goes too.
 *
 * Every method throws ConntrackError `CONNTRACK_NOT_LOADED` when neither layout is present.
 */
export abstract class KernelSettings {
  /** Never fails for one setting: an unreadable one is listed with its reason. Sorted by name. */
  abstract read(): Promise<LiveSettings>;

  /**
   * Writes canonical decimal to the existing file of one setting, off the event loop, and returns the value the kernel
   * then reports, which may differ: `buckets` is rounded up to a whole page. Never creates a file.
   *
   * @throws ConntrackError `KERNEL_REFUSED` with the errno; `KERNEL_UNREADABLE` when it cannot be read back; `SETTING_NOT_FOUND` when the
   *   kernel has no such setting. RangeError for a value that is no safe integer.
   */
  abstract write(name: SettingName, value: number): Promise<number>;
}

/** The table as a whole. @throws ConntrackError `CONNTRACK_NOT_LOADED` */
export abstract class KernelTable {
  abstract read(): Promise<TableReading>;

  /** What the guard rails look at, in one go; what cannot be read is absent. */
  abstract facts(): Promise<HostFacts>;

  /** @throws ConntrackError `KERNEL_UNREADABLE` with the reason where this kernel has no counters to read. */
  abstract counters(): Promise<CounterReading>;
}

/**
 * The entries, read and filtered off the event loop; memory does not grow with the table.
 *
 * @throws ConntrackError `CONNTRACK_NOT_LOADED`, `KERNEL_UNREADABLE` (before the first byte), `TOO_MANY_DUMPS`.
 */
export abstract class KernelEntries {
  /** At most `limit` matching entries whose id sorts after `after`, in order of id. One pass over the table. */
  abstract page(filter: EntryFilter, limit: number, after?: string): Promise<EntryPage>;

  /**
   * Formatted chunks, produced only as fast as they are taken, ending with a trailer record (see DumpSummary). Returning
   * early from the iteration frees the dump's thread and file at once.
   */
  abstract stream(filter: EntryFilter, format: StreamFormat): Promise<AsyncIterable<Uint8Array>>;
}

/** What can be read and written here, and why not. Does not throw where conntrack is absent: it says so. */
export abstract class KernelCapabilities {
  abstract read(): Promise<HostCapabilities>;
}

/** Who is running here. */
export abstract class KernelProcesses {
  /** Names of the running processes that are known to write conntrack settings; empty where that cannot be seen. */
  abstract knownWriters(): Promise<readonly string[]>;
}
