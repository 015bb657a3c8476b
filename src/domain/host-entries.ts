import type { Layout } from './layout.ts';

/** The slab counts objects that processors keep in reserve as in use. */
const SLACK_PER_PROCESSOR = 128;
const SLACK_MIN = 1_024;
const PROCESSORS_ASSUMED = 64;

/** The entries of another named network namespace. */
export interface NamespaceCount {
  readonly name: string;
  readonly count: number;
}

/**
 * `slab`: the kernel's allocator counts the entries of all network namespaces. `namespaces`: the sum over the service's own and the named
 * network namespaces; others are not included. `count`: this kernel has no network namespaces.
 */
export const HOST_ENTRIES_BASES = ['slab', 'namespaces', 'count'] as const;
export type HostEntriesBasis = (typeof HOST_ENTRIES_BASES)[number];

/** The entries of all network namespaces, which share the buckets of the host. */
export interface HostEntries {
  /** Absent if it cannot be read, like `basis`. */
  readonly total?: number;
  readonly basis?: HostEntriesBasis;
  /** Named namespaces other than the service's own, most entries first. Empty if they are not read. */
  readonly namespaces: readonly NamespaceCount[];
  /** Why the named namespaces are not read. */
  readonly notRead?: string;
  /** Entries in none of these namespaces. Absent if it cannot be read. */
  readonly elsewhere?: number;
}

interface Readings {
  readonly layout: Layout;
  /** Of the service's own namespace. */
  readonly count: number | undefined;
  /** Objects in use according to the slab. */
  readonly active: number | undefined;
  readonly processors: number | undefined;
  /** Of the other named namespaces, or why they are not read. */
  readonly named: { readonly counts: readonly NamespaceCount[] } | { readonly reason: string };
}

export function hostEntries({ layout, count, active, processors, named }: Readings): HostEntries {
  if (layout === 'ip_conntrack') return { namespaces: [], ...(count !== undefined && { total: count, basis: 'count', elsewhere: 0 }) };
  const counts = 'counts' in named ? named.counts : [];
  const namespaces = counts.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const read = { namespaces, ...('reason' in named && { notRead: named.reason }) };
  if (count === undefined) return { ...read, ...(active !== undefined && { total: active, basis: 'slab' }) };
  const counted = counts.reduce((sum, namespace) => sum + namespace.count, count);
  if (active === undefined) return { ...read, ...('counts' in named && { total: counted, basis: 'namespaces' }) };
  const elsewhere = active - counted < slabSlack(processors) ? 0 : active - counted;
  return { ...read, total: counted + elsewhere, basis: 'slab', elsewhere };
}

/** The entries in the buckets when the service’s own table is full: those of other network namespaces come on top. */
export function entriesWhenFull(max: number, count: number | undefined, host: HostEntries | undefined): number {
  return max + Math.max(0, (host?.total ?? 0) - (count ?? 0));
}

/** By how much the number of objects in use may exceed the number of entries. */
function slabSlack(processors = PROCESSORS_ASSUMED): number {
  return Math.max(SLACK_MIN, SLACK_PER_PROCESSOR * processors);
}
