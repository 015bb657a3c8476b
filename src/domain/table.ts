import type { HostEntries, HostEntriesBasis } from './host-entries.ts';
import type { Layout, Unavailable } from './layout.ts';

/** The readable facts about the table; `unavailable` has the reason for each absent one. */
export interface TableReading {
  readonly layout: Layout;
  /** The network namespace that was requested; absent: the service's own. */
  readonly namespace?: string;
  /** Entries in use in this network namespace (including expired entries that are not yet collected). */
  readonly count?: number;
  /** Of the host; it applies to the count of each network namespace separately. */
  readonly max?: number;
  /** Of the host: all network namespaces share them. */
  readonly buckets?: number;
  /** Where `count`, `max` and `buckets` come from if the kernel has no file for them. */
  readonly sources?: TableSources;
  readonly object?: ObjectReading;
  /** Entries of all network namespaces. Absent: those of `count` are all. */
  readonly host?: HostEntries;
  readonly unavailable: readonly Unavailable[];
}

/** By name of the number: the path of the text dump or of a kernel log. */
export type TableSources = Readonly<Partial<Record<'count' | 'max' | 'buckets', string>>>;

/** A named network namespace of this host. */
export interface NamedNamespace {
  readonly name: string;
  /** Entries in use there. Absent if it cannot be read; `unavailable` then has the reason. */
  readonly count?: number;
  readonly unavailable: readonly Unavailable[];
}

/** Measurements of the kernel object behind one entry. */
export interface ObjectReading {
  /** Bytes of one object without its extensions (accounting, NAT, timestamps, … come on top). */
  readonly bytes: number;
  /** Objects in use in all network namespaces, with some per-CPU reserves; absent if only the size is known. */
  readonly active?: number;
  /** Where it was read: `/proc/slabinfo`, a kernel log file. */
  readonly source: string;
}

/** Memory in bytes. Extensions are not visible from user space, hence the ranges. */
interface TableMemory {
  readonly objectBytes?: number;
  readonly objectSource?: string;
  readonly bucketsBytes?: number;
  readonly entriesBytes?: ByteRange;
  readonly fullBytes?: ByteRange;
}

export interface ByteRange {
  readonly minimum: number;
  readonly maximum: number;
}

export interface Table {
  readonly layout: Layout;
  readonly namespace?: string;
  readonly count?: number;
  /** 0 means unlimited. */
  readonly max?: number;
  readonly buckets?: number;
  readonly sources?: TableSources;
  /** count / max, 0 to 1; absent when max is 0 (unlimited). */
  readonly utilisation?: number;
  /** Entries of all network namespaces, which share the buckets. */
  readonly hostEntries?: number;
  readonly hostEntriesBasis?: HostEntriesBasis;
  /** hostEntries / buckets: often quoted, and half of the real chain length. */
  readonly entriesPerBucket?: number;
  /** 2 x hostEntries / buckets: every entry is in the table twice, once per direction. */
  readonly averageChainLength?: number;
  readonly entriesPerBucketAtMax?: number;
  readonly memory: TableMemory;
  readonly unavailable: readonly Unavailable[];
}

const BUCKET_BYTES = 8;
/** Upper limit of accounting, NAT, events, timestamps, labels and helpers together. */
const EXTENSIONS_MAX_BYTES = 256;

/** Derives ratios and memory from a reading. A result with a missing operand is absent, not 0. */
export function describeTable(reading: TableReading): Table {
  const { layout, namespace, count, max, buckets, object, unavailable } = reading;
  const entries = entriesOfHost(reading);
  return dropAbsent({
    layout,
    namespace,
    count,
    max,
    buckets,
    sources: reading.sources,
    utilisation: ratio(count, max),
    hostEntries: reading.host?.total,
    hostEntriesBasis: reading.host?.basis,
    entriesPerBucket: ratio(entries, buckets),
    averageChainLength: ratio(entries === undefined ? undefined : 2 * entries, buckets),
    entriesPerBucketAtMax: max === 0 ? undefined : ratio(max, buckets),
    memory: dropAbsent({
      objectBytes: object?.bytes,
      objectSource: object?.source,
      bucketsBytes: buckets === undefined ? undefined : buckets * BUCKET_BYTES,
      entriesBytes: entriesBytes(object?.active ?? count, object?.bytes),
      fullBytes: max === 0 ? undefined : entriesBytes(max, object?.bytes),
    }),
    unavailable,
  });
}

/** The entries that are in the buckets. */
export function entriesOfHost({ host, count }: TableReading): number | undefined {
  return host ? host.total : count;
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}

function entriesBytes(entries: number | undefined, objectBytes: number | undefined): ByteRange | undefined {
  if (entries === undefined || objectBytes === undefined) return undefined;
  return { minimum: entries * objectBytes, maximum: entries * (objectBytes + EXTENSIONS_MAX_BYTES) };
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function dropAbsent<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Present<T>;
}

/**
 * Per-CPU counters of one network namespace under the column names of /proc/net/stat/nf_conntrack, regardless of their source. Each is a
 * u32 that wraps.
 */
export interface CounterReading {
  /** `ctnetlink`, or the path of the file. */
  readonly source: string;
  readonly perCpu: readonly Readonly<Record<string, number>>[];
}

/** The data of a sample. What could not be read is absent. */
export interface TableSample {
  /** Of the running kernel. If it changes, the counters have restarted at zero. */
  readonly bootId?: string;
  readonly count?: number;
  readonly max?: number;
  readonly buckets?: number;
  readonly counters?: CounterReading;
}
