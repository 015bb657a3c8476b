import { CHAIN_LIMITS, hasChainLimit, refusalChance } from './refusal-chance.ts';
import type { Layout } from '../layout.ts';
import type { ByteRange } from '../table.ts';

/** The load to size the table for. */
export type SizingTarget =
  | { readonly basis: 'connections'; readonly connections: number }
  | { readonly basis: 'rate'; readonly newPerSecond: number; readonly lifetimeSeconds: number }
  | { readonly basis: 'memory'; readonly memoryBytes: number }
  /** The highest number of entries in any sample, with its time. */
  | { readonly basis: 'peak'; readonly peak: number; readonly at: Date };

/** Facts about the host. What cannot be read is absent; a step then names the value used instead. */
export interface SizingHost {
  readonly layout: Layout;
  /** As `uname -r`. */
  readonly release?: string;
  readonly objectBytes?: number;
  readonly memoryTotalBytes?: number;
  readonly bucketQuantum?: number;
  /** Processors that are online. */
  readonly processors?: number;
  readonly max?: number;
  readonly buckets?: number;
}

/** One step of the calculation. */
export interface SizingStep {
  readonly step: string;
  readonly value: number;
  readonly unit: 'entries' | 'buckets' | 'bytes' | 'entries per second' | 'seconds' | 'factor';
  readonly why: string;
}

/** The effects of a max and a number of buckets. */
export interface Sizing {
  readonly max: number;
  readonly buckets: number;
  /** max / buckets: the chain length in older advice. */
  readonly entriesPerBucket: number;
  /** 2 × max / buckets: every entry is in the table twice. */
  readonly averageChainLength: number;
  /** The entries of a full table. */
  readonly entriesBytes: ByteRange;
  readonly bucketsBytes: number;
  /** Entries and buckets of a full table. */
  readonly memoryBytes: ByteRange;
  /** The chance that a full table refuses a new flow, for each limit that kernels have. Empty for the legacy layout, which has no limit. */
  readonly refusals: readonly { readonly limit: string; readonly kernels: string; readonly chance: number }[];
}

export const BUCKET_BYTES = 8;
/** Upper limit of accounting, NAT, events, timestamps, labels and helpers together. */
export const EXTENSIONS_MAX_BYTES = 256;
/** The object size of Linux 6, used if the real one cannot be read. */
export const USUAL_OBJECT_BYTES = 256;

/** @param max above 0 */
export function sizingOf(max: number, buckets: number, { layout, release, objectBytes = USUAL_OBJECT_BYTES }: SizingHost): Sizing {
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
    refusals: (hasChainLimit(layout, release) ? CHAIN_LIMITS : []).map((limit) => ({
      limit: `${limit.minimum} to ${limit.maximum}`,
      kernels: limit.kernels,
      chance: refusalChance(averageChainLength, limit),
    })),
  };
}
