import { isBefore } from '../kernel-release.ts';
import type { SettingValues } from '../setting.ts';

const GIB = 1024 ** 3;
/** The kernel counts memory before it frees its start-up code, so the default is uncertain near a limit. */
const DOUBT_BYTES = 64 * 1024 ** 2;
/** Since this kernel, max defaults to the number of buckets; earlier ones used a multiple (nf_conntrack_core.c). */
const KNOWN_SINCE = [5, 15] as const;

export interface Machine {
  readonly release?: string;
  readonly memoryTotalBytes?: number;
  readonly bucketQuantum?: number;
}

/** Max and buckets that the kernel derives from memory if no size is configured (nf_conntrack_init_start). Empty if uncertain. */
export function tableDefaults({ release, memoryTotalBytes: bytes, bucketQuantum: quantum }: Machine): SettingValues {
  if (bytes === undefined || quantum === undefined || release === undefined || isBefore(release, ...KNOWN_SINCE)) return {};
  if ([GIB, 4 * GIB].some((limit) => Math.abs(bytes - limit) < DOUBT_BYTES)) return {};
  const buckets = roundUp(autosized(bytes), quantum);
  return { buckets, max: buckets };
}

function autosized(bytes: number): number {
  if (bytes > 4 * GIB) return 262_144;
  return bytes > GIB ? 65_536 : Math.max(Math.floor(bytes / 16_384 / 8), 1_024);
}

function roundUp(value: number, quantum: number): number {
  return Math.ceil(value / quantum) * quantum;
}
