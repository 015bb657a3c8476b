import { CHAIN_LIMITS, refusalChance } from './refusal-chance.ts';
import type { Layout } from '../layout.ts';
import type { ByteRange } from '../table.ts';

/** What is to be sized for. */
export type SizingTarget =
  | { readonly basis: 'connections'; readonly connections: number }
  | { readonly basis: 'rate'; readonly newPerSecond: number; readonly lifetimeSeconds: number }
  | { readonly basis: 'memory'; readonly memoryBytes: number }
  /** The most entries ever seen, with the time. */
  | { readonly basis: 'peak'; readonly peak: number; readonly at: Date };

/** What the host tells; what cannot be read is absent, and a step says what stands in its place. */
export interface SizingHost {
  readonly layout: Layout;
  readonly objectBytes?: number;
  readonly memoryTotalBytes?: number;
  readonly bucketQuantum?: number;
  /** Processors that are online. */
  readonly processors?: number;
  readonly max?: number;
  readonly buckets?: number;
}

/** One step of the reasoning. */
export interface SizingStep {
  readonly step: string;
  readonly value: number;
  readonly unit: 'entries' | 'buckets' | 'bytes' | 'entries per second' | 'seconds' | 'factor';
  readonly why: string;
}

/** What a max and a number of buckets come to. */
export interface Sizing {
  readonly max: number;
  readonly buckets: number;
  /** max / buckets: the length of a list in the older advice. */
  readonly entriesPerBucket: number;
  /** 2 x max / buckets: every entry is in the table twice. */
  readonly averageChainLength: number;
  /** Of the entries of a full table. */
  readonly entriesBytes: ByteRange;
  readonly bucketsBytes: number;
  /** Of a full table: both. */
  readonly memoryBytes: ByteRange;
  /** Chance that a full table refuses a new flow, by the limit that a kernel has; the legacy layout has none. */
  readonly refusals: readonly { readonly limit: string; readonly kernels: string; readonly chance: number }[];
}

export const BUCKET_BYTES = 8;
/** Accounting, NAT, events, timestamps, labels and helpers together stay below this. */
export const EXTENSIONS_MAX_BYTES = 256;
/** Of Linux 6; stands in where it cannot be read. */
export const USUAL_OBJECT_BYTES = 256;

/** @param max above 0 */
export function sizingOf(max: number, buckets: number, { layout, objectBytes = USUAL_OBJECT_BYTES }: SizingHost): Sizing {
  const bucketsBytes = buckets * BUCKET_BYTES;
  const averageChainLength = (2 * max) / buckets;
  const [minimum, maximum] = [max * objectBytes, max * (objectBytes + EXTENSIONS_MAX_BYTES)];
  return {
    max,
    buckets,
    entriesPerBucket: max / buckets,
    averageChainLength,
    entriesBytes: { minimum, maximum },
    bucketsBytes,
    memoryBytes: { minimum: minimum + bucketsBytes, maximum: maximum + bucketsBytes },
    refusals: (layout === 'ip_conntrack' ? [] : CHAIN_LIMITS).map((limit) => ({
      limit: `${limit.minimum} to ${limit.maximum}`,
      kernels: limit.kernels,
      chance: refusalChance(averageChainLength, limit),
    })),
  };
}
