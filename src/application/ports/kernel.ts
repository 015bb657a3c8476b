import type { DumpActivity } from '../../domain/activity.ts';
import type { BootKernel } from '../../domain/boot/boot-input.ts';
import type { HostCapabilities } from '../../domain/capabilities.ts';
import type { Deletion } from '../../domain/deletion.ts';
import type { DumpSummary, Entry, EntryPage, StreamFormat } from '../../domain/entry.ts';
import type { SummaryAnswer, SummaryRequest } from '../../domain/entry-summary.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import type { HostContext } from '../../domain/findings/table-evidence.ts';
import type { NamedNamespace, CounterReading, TableReading, TableSample } from '../../domain/table.ts';
import type { HostFacts } from '../../domain/risks/setting-risks.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';

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

/**
 * The table as a whole. With a namespace, its `count` and counters are of that namespace; the limits are those of the host.
 *
 * @throws ConntrackError `CONNTRACK_NOT_LOADED`; with a namespace also `NAMESPACES_DISABLED`, `NAMESPACE_NOT_FOUND`, `NOT_SUPPORTED_HERE`, and
 *   `KERNEL_UNREADABLE` where it cannot be entered
 */
export abstract class KernelTable {
  abstract read(scope?: EntryScope): Promise<TableReading>;

  /** What the guard rails look at, in one go; what cannot be read is absent. */
  abstract facts(): Promise<HostFacts>;

  /** What moves from second to second, of the service’s own namespace, for the price of a few small reads: never walks the table. */
  abstract sample(): Promise<TableSample>;

  /** What else there is on the host that has to do with connections, for the price of a few small reads. */
  abstract hostContext(): Promise<HostContext>;

  /** @throws ConntrackError `KERNEL_UNREADABLE` with the reason where this kernel has no counters to read. */
  abstract counters(scope?: EntryScope): Promise<CounterReading>;
}

/** The named network namespaces of this host (ip-netns(8)). */
export abstract class KernelNamespaces {
  /**
   * Never fails for one namespace: one that cannot be looked into is listed with its reason. Sorted by name.
   *
   * @throws ConntrackError `NAMESPACES_DISABLED`, `NOT_SUPPORTED_HERE`, `CONNTRACK_NOT_LOADED`, `KERNEL_UNREADABLE` where they cannot be listed
   */
  abstract list(): Promise<readonly NamedNamespace[]>;
}

/** Where the table and its entries are looked at. */
export interface EntryScope {
  /** Name of a network namespace, as `KernelNamespaces` lists it; absent: the service's own. */
  readonly namespace?: string;
}

/** Which entries are deleted: the one with an id, or those that match, `limit` at most. */
export type EntriesToDelete =
  { readonly kind: 'entry'; readonly id: string } | { readonly kind: 'matching'; readonly filter: Filter; readonly limit: number };

/**
 * The entries, read and filtered off the event loop; memory does not grow with the table.
 *
 * @throws ConntrackError `CONNTRACK_NOT_LOADED`, `KERNEL_UNREADABLE` (before the first byte), `TOO_MANY_DUMPS`, `NAMESPACE_NOT_FOUND`,
 *   `NAMESPACES_DISABLED`.
 */
export abstract class KernelEntries {
  /** Makes ready what the first dump would otherwise wait for. */
  warmUp(): void {
    // Nothing to do where nothing is slow the first time.
  }

  /** Ends what is under way and frees its threads. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  abstract activity(): DumpActivity;

  /** At most `limit` matching entries whose id sorts after `after`, in order of id. One pass over the table. */
  abstract page(filter: Filter, limit: number, after?: string, scope?: EntryScope): Promise<EntryPage>;

  /**
   * Formatted chunks, of `limit` entries at most, produced only as fast as they are taken, ending with a trailer record (see DumpSummary). A chunk is valid until the
   * next is asked for. Returning early from the iteration frees the dump's thread and socket at once.
   */
  abstract stream(
    filter: Filter,
    format: StreamFormat,
    scope?: EntryScope & { readonly limit?: number },
  ): Promise<AsyncIterable<Uint8Array>>;

  /** One pass that counts only: `entries` of what it gives. */
  abstract count(filter: Filter, scope?: EntryScope): Promise<DumpSummary>;

  abstract summarise(filter: Filter, request: SummaryRequest, scope?: EntryScope): Promise<SummaryAnswer>;

  /** @throws ConntrackError also `ENTRY_NOT_FOUND`; `ENTRY_REPLACED` where another entry has the tuple now; `NOT_SUPPORTED_HERE` without ctnetlink. */
  abstract find(id: string, scope?: EntryScope): Promise<Entry>;

  /**
   * Deletes each entry by its tuple and the kernel's id for it, so that exactly what was seen goes, and tells what went: the first `keep`
   * as entries. Nothing is rolled back where it breaks off (`failure` says why); what is told happened.
   *
   * @throws as `find`: a ConntrackError only where nothing was deleted, any other error where it is not known what was
   */
  abstract delete(what: EntriesToDelete, keep: number, scope?: EntryScope): Promise<Deletion>;
}

/** What can be read and written here, and why not. Does not throw where conntrack is absent: it says so. */
export abstract class KernelCapabilities {
  abstract read(): Promise<HostCapabilities>;
}

/** What of this kernel decides how a boot sets it up. */
export abstract class KernelBoot {
  /** @throws ConntrackError `CONNTRACK_NOT_LOADED` */
  abstract read(): Promise<BootKernel>;
}

/** Who is running here. */
export abstract class KernelProcesses {
  /** Names of the running processes that are known to write conntrack settings; empty where that cannot be seen. */
  abstract knownWriters(): Promise<readonly string[]>;
}
