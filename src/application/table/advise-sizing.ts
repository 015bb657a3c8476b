import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Layout } from '../../domain/layout.ts';
import type { Risk } from '../../domain/risks/risk.ts';
import { assessRisks, type HostFacts } from '../../domain/risks/setting-risks.ts';
import { comparisons, type Comparison } from '../../domain/sizing/defaults.ts';
import { recommend, type Recommendation } from '../../domain/sizing/recommend.ts';
import type { SizingTarget } from '../../domain/sizing/sizing.ts';
import { KernelTable } from '../ports/kernel.ts';
import { Samples } from '../ports/samples.ts';

/** What to size for. `peak` and a share of memory are resolved from this host. */
export type SizingRequest =
  | Exclude<SizingTarget, { basis: 'peak' }>
  | { readonly basis: 'peak' }
  | { readonly basis: 'memoryPercent'; readonly memoryPercent: number };

export interface SizingAdvice {
  readonly layout: Layout;
  readonly headroom?: number;
  readonly recommendation: Recommendation;
  /** The risks of changing to the recommendation now, without a confirmation window. */
  readonly risks: readonly Risk[];
  readonly comparisons: readonly Comparison[];
}

/** Recommends max and buckets, with every step of the calculation. */
@Injectable()
export class AdviseSizing {
  constructor(
    private readonly table: KernelTable,
    private readonly samples: Samples,
  ) {}

  /** @throws ConntrackError `CONNTRACK_NOT_LOADED`; `HISTORY_UNAVAILABLE` for `peak` before the first sample with an entry; `KERNEL_UNREADABLE` for a share of memory that cannot be read */
  async run(request: SizingRequest, headroom: number): Promise<SizingAdvice> {
    const facts = await this.table.facts();
    const target = this.target(request, facts);
    const recommendation = recommend(target, facts, headroom);
    return {
      layout: facts.layout,
      ...(target.basis !== 'memory' && { headroom }),
      recommendation,
      risks: risksOf(recommendation, facts),
      comparisons: comparisons(facts),
    };
  }

  private target(request: SizingRequest, { memoryTotalBytes }: HostFacts): SizingTarget {
    switch (request.basis) {
      case 'connections':
      case 'rate':
      case 'memory':
        return request;
      case 'peak':
        return this.peak();
      case 'memoryPercent':
        if (memoryTotalBytes === undefined) {
          throw new ConntrackError('KERNEL_UNREADABLE', 'The memory of this host cannot be read.', { remedy: 'Send memoryBytes instead.' });
        }
        return { basis: 'memory', memoryBytes: Math.floor((memoryTotalBytes * request.memoryPercent) / 100) };
    }
  }

  private peak(): SizingTarget {
    const peak = this.samples.peak();
    if (peak && peak.count > 0) return { basis: 'peak', peak: peak.count, at: peak.at };
    throw new ConntrackError('HISTORY_UNAVAILABLE', 'No sample contains an entry yet, so there is no peak to size for.', {
      remedy: 'Wait for the first samples, or send connections.',
    });
  }
}

function risksOf({ max, buckets }: Recommendation, facts: HostFacts): readonly Risk[] {
  const changes = [
    { name: 'max', before: facts.max ?? 0, requested: max },
    { name: 'buckets', before: facts.buckets ?? 0, requested: buckets },
  ];
  return assessRisks(changes, facts, false);
}
