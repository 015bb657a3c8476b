import type { BlockList } from '../../domain/deletion.ts';
import type { NamespaceCount } from '../../domain/host-entries.ts';
import type { CounterReading } from '../../domain/table.ts';
import type { FilterProbe } from '../netlink/filter-probe.ts';
import type { EnteredNamespace } from '../netlink/in-namespace.ts';
import type { SystemFailure } from '../system-failure.ts';

/** A kernel request that must not run on the main thread: it needs another network namespace, or takes longer than a system call. */
export type KernelRequest =
  /** Numbers in files of /proc/sys/net, which show the network namespace of the thread that opens them. */
  | { readonly kind: 'sysctls'; readonly namespacePath: string; readonly paths: Readonly<Record<string, string>> }
  /** The same numbers in a new network namespace: the kernel's defaults. */
  | { readonly kind: 'defaults'; readonly paths: Readonly<Record<string, string>> }
  | { readonly kind: 'counters'; readonly namespacePath: string }
  /** The files of /proc/sys/net below a directory with this prefix, and the network namespace that they are of. */
  | { readonly kind: 'settings'; readonly namespacePath: string; readonly directory: string; readonly prefix: string }
  /** Writes a number to one of them and reads it back, in the namespace with this identity only. */
  | { readonly kind: 'write'; readonly namespacePath: string; readonly identity: string; readonly path: string; readonly value: number }
  /** One number of every network namespace that is mounted in a directory, except that of this process. */
  | { readonly kind: 'counts'; readonly directory: string; readonly path: string; readonly milliseconds: number }
  /** How many lines a file has. */
  | { readonly kind: 'lines'; readonly path: string; readonly milliseconds: number }
  /** Which parts of a dump filter the kernel honours. */
  | { readonly kind: 'filter' }
  /** Whether a thread of this process may change its network namespace. */
  | { readonly kind: 'setns' }
  /** The blocked packets, see KernelBlocks. */
  | { readonly kind: 'blocks'; readonly connectionsMax: number }
  | { readonly kind: 'unblock'; readonly change: number }
  /** @param all also if packets are blocked */
  | { readonly kind: 'tidyBlocks'; readonly all: boolean };

export type KernelRequestOf<Kind extends KernelRequest['kind']> = Extract<KernelRequest, { readonly kind: Kind }>;

/** A setting of a network namespace. */
export interface SettingReading {
  readonly value: number | SystemFailure;
  /** Permission bits. */
  readonly mode: number;
  /** Why the file cannot be opened for writing. */
  readonly refusal?: SystemFailure;
}

export interface NamespaceReading extends EnteredNamespace {
  /** By the name of the file, without the prefix. */
  readonly settings: Readonly<Record<string, SettingReading>>;
}

/** Nothing was written if it is refused. Otherwise the value that the kernel then reports. */
export type NamespaceWrite = { readonly refused: SystemFailure } | { readonly value: number | SystemFailure };

export interface KernelResponses {
  /** By the names of `paths`. A file that cannot be read does not fail the request. */
  readonly sysctls: Readonly<Record<string, number | SystemFailure>>;
  readonly defaults: KernelResponses['sysctls'];
  readonly counters: CounterReading['perCpu'];
  readonly settings: NamespaceReading;
  readonly write: NamespaceWrite;
  /** Without namespaces that were not reached in time. */
  readonly counts: readonly NamespaceCount[];
  /** `null`: more than could be read in time. */
  readonly lines: number | null;
  readonly filter: FilterProbe;
  readonly setns: true;
  readonly blocks: BlockList;
  /** Number of connections. */
  readonly unblock: number;
  /** Whether packets are still blocked. */
  readonly tidyBlocks: boolean;
}

/** To the worker: a request. Each request has its own channel. */
export interface KernelCommand {
  readonly channel: number;
  readonly request: KernelRequest;
}

/** From the worker: the one message of a channel. */
export type KernelReply = { readonly channel: number } & (
  | { readonly response: KernelResponses[KernelRequest['kind']] }
  | { readonly refusal: { readonly what: string; readonly failure: SystemFailure } }
);
