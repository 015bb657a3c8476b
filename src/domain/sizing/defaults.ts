import { sizingOf, type Sizing, type SizingHost } from './sizing.ts';

/** Sizings to compare a recommendation with. */
export const COMPARISON_NAMES = ['now', 'kernel', 'kube-proxy'] as const;
export type ComparisonName = (typeof COMPARISON_NAMES)[number];

export type Comparison = { readonly name: ComparisonName; readonly rule: string } & (
  { readonly sizing: Sizing } | { readonly reason: string }
);

type Values = { readonly max: number; readonly buckets: number } | string;

interface Rule {
  readonly rule: string;
  /** The values, or the reason why there are none. */
  readonly of: (host: SizingHost) => Values;
}

const GIBIBYTE = 1024 ** 3;
const QUANTUM = 512;

const NOW: Rule = {
  rule: 'The live settings.',
  of: ({ max, buckets }) => {
    if (max === undefined || buckets === undefined) return 'max or buckets cannot be read.';
    return max === 0 ? 'max is 0: no limit.' : { max, buckets };
  },
};

const KERNEL: Rule = {
  rule:
    'The default of Linux since 5.15: buckets = memory / 16384 / 8, but 65,536 above 1 GiB and 262,144 above 4 GiB; max = buckets. With the module ' +
    'parameter hashsize=N, max = 8 x N.',
  of: ({ memoryTotalBytes }) => byMemory(memoryTotalBytes, kernelBuckets, 1),
};

const LEGACY_KERNEL: Rule = {
  rule: 'The default of Linux 2.4 to 2.6: buckets = memory / 16384 / 8, but 8,192 above 1 GiB; max = 8 x buckets.',
  of: ({ memoryTotalBytes }) => byMemory(memoryTotalBytes, (bytes) => (bytes > GIBIBYTE ? 8_192 : byShare(bytes, 16)), 8),
};

const KUBE_PROXY: Rule = {
  rule: 'The default of kube-proxy: max = 32,768 per processor, at least 131,072; buckets = max / 4.',
  of: ({ processors }) => {
    if (processors === undefined) return 'The number of processors cannot be read.';
    const max = Math.max(32_768 * processors, 131_072);
    return { max, buckets: max / 4 };
  },
};

/** The live settings, the kernel's defaults and those of kube-proxy, each with its sizing. */
export function comparisons(host: SizingHost): readonly Comparison[] {
  const rules = { now: NOW, kernel: host.layout === 'ip_conntrack' ? LEGACY_KERNEL : KERNEL, 'kube-proxy': KUBE_PROXY };
  return COMPARISON_NAMES.map((name) => {
    const { rule, of } = rules[name];
    const found = of(host);
    return typeof found === 'string' ? { name, rule, reason: found } : { name, rule, sizing: sizingOf(found.max, found.buckets, host) };
  });
}

function byMemory(memoryBytes: number | undefined, bucketsOf: (bytes: number) => number, factor: number): Values {
  if (memoryBytes === undefined) return 'The memory of this host cannot be read.';
  const buckets = bucketsOf(memoryBytes);
  return { max: factor * buckets, buckets };
}

function kernelBuckets(memoryBytes: number): number {
  if (memoryBytes > 4 * GIBIBYTE) return 262_144;
  if (memoryBytes > GIBIBYTE) return 65_536;
  return Math.ceil(byShare(memoryBytes, 1_024) / QUANTUM) * QUANTUM;
}

function byShare(memoryBytes: number, least: number): number {
  return Math.max(least, Math.floor(memoryBytes / 16_384 / 8));
}
