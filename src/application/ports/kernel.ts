import type { DumpActivity } from '../../domain/activity.ts';
import type { BootKernel } from '../../domain/boot/boot-input.ts';
import type { HostCapabilities } from '../../domain/capabilities.ts';
import type { BlockList, Deletion, EndOptions } from '../../domain/deletion.ts';
import type { DumpSummary, Entry, EntryPage, StreamFormat } from '../../domain/entry.ts';
import type { EntryResult, EntryTarget } from '../../domain/entry-update.ts';
import type { SummaryAnswer, SummaryRequest } from '../../domain/entry-summary.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import type { HostContext, RuleUse } from '../../domain/findings/table-evidence.ts';
import type { WriterEvidence } from '../../domain/likely-owner.ts';
import type { NamedNamespace, CounterReading, TableReading, TableSample } from '../../domain/table.ts';
import type { NamespaceRef } from '../../domain/namespace.ts';
import type { HostFacts } from '../../domain/risks/setting-risks.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';

/**
 * The settings the kernel has. They are enumerated at each call, so a module that was loaded or removed since then is noticed.
 *
 * Every method throws ConntrackError `CONNTRACK_NOT_LOADED` when neither layout is present.
 */
export abstract class KernelSettings {
  /**
   * Never fails for one setting: an unreadable one is listed with its reason. Sorted by name.
   *
   * @param namespace name of a network namespace; absent, or a name of the service's own: that of the service
   * @throws with a namespace ConntrackError `NAMESPACES_DISABLED`, `NAMESPACE_NOT_FOUND`, `NOT_SUPPORTED_HERE`, `KERNEL_UNREADABLE`
   */
  abstract read(namespace?: string): Promise<LiveSettings>;

  /** As `read`. Where neither layout is present: no settings, with `isLoaded: false`. */
  abstract readIfLoaded(namespace?: string): Promise<LiveSettings>;

  /**
   * Writes canonical decimal to the existing file of one setting, off the event loop. Never creates a file.
   *
   * @returns the value the kernel then reports, which may differ: `buckets` is rounded up to a whole page
   *
   * @throws ConntrackError `KERNEL_REFUSED` with the errno; `KERNEL_UNREADABLE` when it cannot be read back; `SETTING_NOT_FOUND` when the
   *   kernel has no such setting. RangeError for a value that is not a safe integer. With a namespace as `read`, and `NAMESPACE_REPLACED` if
   *   another one has its name now: nothing is written to that one.
   */
  abstract write(name: SettingName, value: number, namespace?: NamespaceRef): Promise<number>;
}

/**
 * The table as a whole. With a namespace, `count` and the counters are those of the namespace; the limits are those of the host.
 *
 * @throws ConntrackError `CONNTRACK_NOT_LOADED`; with a namespace also `NAMESPACES_DISABLED`, `NAMESPACE_NOT_FOUND`, `NOT_SUPPORTED_HERE`, and
 *   `KERNEL_UNREADABLE` where it cannot be entered
 */
export abstract class KernelTable {
  abstract read(scope?: EntryScope): Promise<TableReading>;

  /**
   * The facts that risks are assessed on, in one reading. A fact that cannot be read is absent: where conntrack is not loaded, those about
   * the table.
   */
  abstract facts(): Promise<HostFacts>;

  /** Count and max of the service’s own namespace: two small reads. What cannot be read is absent. */
  abstract usage(): Promise<Pick<TableSample, 'count' | 'max'>>;

  /** The values that change from second to second, of the service’s own namespace. Costs a few small reads: never dumps the table. */
  abstract sample(): Promise<TableSample>;

  /** Other state of the host that affects connections. Costs a few small reads. */
  abstract hostContext(): Promise<HostContext>;

  /** Whether a rule enables tracking in the service’s own namespace. May list the whole ruleset: ask only if the table is empty. */
  abstract ruleUse(): Promise<RuleUse>;

  /** @throws ConntrackError `KERNEL_UNREADABLE` with the reason where this kernel has no counters to read. */
  abstract counters(scope?: EntryScope): Promise<CounterReading>;
}

/** The named network namespaces of this host (ip-netns(8)). */
export abstract class KernelNamespaces {
  /**
   * Never fails for one namespace: one that cannot be read is listed with the reason. Sorted by name.
   *
   * @throws ConntrackError `NAMESPACES_DISABLED`, `NOT_SUPPORTED_HERE`, `CONNTRACK_NOT_LOADED`, `KERNEL_UNREADABLE` where they cannot be listed
   */
  abstract list(): Promise<readonly NamedNamespace[]>;
}

/** The network namespace whose table and entries are read. */
export interface EntryScope {
  /** Name of a network namespace, as `KernelNamespaces` lists it; absent: the service's own. */
  readonly namespace?: string;
  /** Of the namespace that is meant (NamespaceRef): another one of the same name is left alone. Absent: any. */
  readonly identity?: string;
  /** Id of the token that the reading counts for, whose share of the dumps is limited; absent: the service itself. */
  readonly owner?: string;
}

/** @param namespace `null`: the service's own */
export function scopeOf(namespace: string | null, owner?: string): EntryScope {
  return { ...(namespace !== null && { namespace }), ...(owner !== undefined && { owner }) };
}

/** Exactly this namespace. @param namespace absent: the service's own */
export function exactScope(namespace: NamespaceRef | undefined): EntryScope {
  return namespace ? { namespace: namespace.name, identity: namespace.identity } : {};
}

/** The entries to delete: the one with this id, or those that match, `limit` at most. */
export type EntriesToDelete =
  /** `startedAt`: only if it began then. */
  | { readonly kind: 'entry'; readonly id: string; readonly startedAt?: string }
  | { readonly kind: 'matching'; readonly filter: Filter; readonly limit: number };

/**
 * The entries, read and filtered off the event loop; memory does not grow with the table.
 *
 * @throws ConntrackError `CONNTRACK_NOT_LOADED`, `KERNEL_UNREADABLE` (before the first byte), `TOO_MANY_DUMPS`, `NAMESPACE_NOT_FOUND`,
 *   `NAMESPACES_DISABLED`.
 */
export abstract class KernelEntries {
  /** Ends running dumps and frees their threads. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  abstract activity(): DumpActivity;

  /** At most `limit` matching entries whose id sorts after `after`, in order of id. One pass over the table. */
  abstract page(filter: Filter, limit: number, after?: string, scope?: EntryScope): Promise<EntryPage>;

  /**
   * Formatted chunks with `limit` entries at most, ending with a trailer record (see DumpSummary). They are produced only as fast as they are
   * consumed. A chunk is valid until the next one is requested. Returning early from the iteration frees the dump's thread and socket at
   * once.
   */
  abstract stream(
    filter: Filter,
    format: StreamFormat,
    scope?: EntryScope & { readonly limit?: number },
  ): Promise<AsyncIterable<Uint8Array>>;

  /** One pass that only counts: see `entries` of the result. */
  abstract count(filter: Filter, scope?: EntryScope): Promise<DumpSummary>;

  abstract summarise(filter: Filter, request: SummaryRequest, scope?: EntryScope): Promise<SummaryAnswer>;

  /**
   * @param startedAt when the entry began; absent: unknown. The kernel may give a later flow of the same tuple the same id: only this
   *   distinguishes them.
   * @throws ConntrackError also `ENTRY_NOT_FOUND`; `ENTRY_REPLACED` where another entry has the tuple now; `NOT_SUPPORTED_HERE` without ctnetlink.
   */
  abstract find(id: string, scope?: EntryScope, startedAt?: string): Promise<Entry>;

  /**
   * Deletes each entry by its tuple and the kernel's id, so that no other entry with the same tuple is deleted. If the kernel refuses a
   * deletion, it stops there (see `failure`); entries deleted before are not restored.
   *
   * @param keep the number of deleted entries to return
   * @param end ends their connections first: destroys their sockets on this host, and blocks their packets (see `KernelBlocks`). Only in the
   *   namespace of the service
   * @throws as `find`: a ConntrackError only where nothing was deleted, any other error where it is unknown what was
   */
  abstract delete(what: EntriesToDelete, keep: number, scope?: EntryScope, end?: EndOptions): Promise<Deletion>;

  /**
   * Updates each target that is still the same entry, whatever happens to the others, and reads it back; a target with an empty update is only
   * read. An entry whose labels or timeout are refused keeps the other values too.
   *
   * @returns a result for each target, in their order
   * @throws ConntrackError `NOT_SUPPORTED_HERE` without ctnetlink; as `find`: a ConntrackError only where nothing was updated, any other error
   *   where it is unknown what was
   */
  abstract update(targets: readonly EntryTarget[], scope?: EntryScope): Promise<readonly EntryResult[]>;
}

/** The packets of ended connections that are blocked, in the service's own network namespace. */
export abstract class KernelBlocks {
  /**
   * @param connectionsMax of each change: further ones are only counted
   * @throws ConntrackError `NOT_SUPPORTED_HERE` with the reason, if packets cannot be blocked here; `RESOURCES_EXHAUSTED`
   */
  abstract read(connectionsMax: number): Promise<BlockList>;

  /** Removes the blocks of a change. @returns the number of connections. @throws ConntrackError as `read`; `KERNEL_REFUSED` */
  abstract remove(change: number): Promise<number>;

  /** Removes what this service needs for blocks, unless there are any. @returns whether there are. @throws as `remove` */
  abstract tidy(): Promise<boolean>;

  /** Removes all. @throws as `remove` */
  abstract clear(): Promise<void>;
}

/** What can be read and written on this host, and why not. Does not throw where conntrack is absent, but reports it. */
export abstract class KernelCapabilities {
  /** @throws with a namespace ConntrackError as `KernelSettings.read` */
  abstract read(namespace?: string): Promise<HostCapabilities>;
}

/** Loads connection tracking. */
export abstract class KernelModule {
  /** Checks what can be known before. @throws ConntrackError `NOT_SUPPORTED_HERE` */
  abstract requireLoadable(): void;

  /**
   * Requests the module and waits until that has ended, with success or not: `KernelSettings.readIfLoaded` shows which.
   *
   * @throws ConntrackError `NOT_SUPPORTED_HERE` without the privilege
   */
  abstract load(): Promise<void>;
}

/** The properties of this kernel that decide the result of a boot. */
export abstract class KernelBoot {
  /**
   * Where conntrack is not loaded, `live` has the settings that it is known to have.
   *
   * @throws ConntrackError `CONNTRACK_NOT_LOADED` if it is not loaded and cannot be: the kernel has no modules
   */
  abstract read(): Promise<BootKernel>;
}

/** The programs of this host that write conntrack settings. */
export abstract class KernelProcesses {
  /** Running processes that write the setting, and lines of files that set this value; empty where they cannot be read. */
  abstract evidence(name: SettingName, value: number): Promise<WriterEvidence>;
}
