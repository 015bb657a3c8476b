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

/** As asked: `peak` and a share of memory are looked up. */
export type SizingQuestion =
  | Exclude<SizingTarget, { basis: 'peak' }>
  | { readonly basis: 'peak' }
  | { readonly basis: 'memoryPercent'; readonly memoryPercent: number };

export interface SizingAdvice {
  readonly layout: Layout;
  readonly headroom?: number;
  readonly recommendation: Recommendation;
  /** Of changing to it now, without a confirmation window. */
  readonly risks: readonly Risk[];
  readonly comparisons: readonly Comparison[];
}

/** What max and buckets should be, with every step of the reasoning. */
@Injectable()
export class AdviseSizing {
  constructor(
    private readonly table: KernelTable,
    private readonly samples: Samples,
  ) {}

  /** @throws ConntrackError `CONNTRACK_NOT_LOADED`; `HISTORY_UNAVAILABLE` where the peak is asked for and there is none; `KERNEL_UNREADABLE` without the memory */
  async run(question: SizingQuestion, headroom: number): Promise<SizingAdvice> {
    const facts = await this.table.facts();
    const target = this.target(question, facts);
    const recommendation = recommend(target, facts, headroom);
    return {
      layout: facts.layout,
      ...(target.basis !== 'memory' && { headroom }),
      recommendation,
      risks: risksOf(recommendation, facts),
      comparisons: comparisons(facts),
    };
  }

  private target(question: SizingQuestion, { memoryTotalBytes }: HostFacts): SizingTarget {
    switch (question.basis) {
      case 'connections':
      case 'rate':
      case 'memory':
        return question;
      case 'peak':
        return this.peak();
      case 'memoryPercent':
        if (memoryTotalBytes === undefined) {
          throw new ConntrackError('KERNEL_UNREADABLE', 'The memory of this host cannot be read.', { remedy: 'Give memoryBytes instead.' });
        }
        return { basis: 'memory', memoryBytes: Math.floor((memoryTotalBytes * question.memoryPercent) / 100) };
    }
  }

  private peak(): SizingTarget {
    const peak = this.samples.peak();
    if (peak && peak.count > 0) return { basis: 'peak', peak: peak.count, at: peak.at };
    throw new ConntrackError('HISTORY_UNAVAILABLE', 'No sample has seen an entry yet, so there is no peak to size for.', {
      remedy: 'Wait for the first samples, or give connections.',
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
