import type { KeySummary, Sample, SummaryResult } from '../entry-summary.ts';
import { Estimator } from './estimator.ts';

/**
 * Adds the estimates to the summary of a sample.
 *
 * @param keys for each key of the request, about how many keys the table has
 */
export function estimateSummary(result: SummaryResult, sample: Sample, keys: readonly number[]): SummaryResult {
  if (sample.exact) return { ...result, sample };
  const estimator = new Estimator(sample);
  return {
    ...result,
    sample,
    estimate: estimator.of(result.entries),
    keys: result.keys.map((key, at) => estimateKey(key, keys[at] ?? key.distinct, estimator)),
    timeouts: result.timeouts.map((bin) => ({ ...bin, estimate: estimator.of(bin.entries) })),
  };
}

function estimateKey(summary: KeySummary, keys: number, estimator: Estimator): KeySummary {
  const { top, without } = summary;
  const selection = { rows: top.length, keys };
  return {
    ...summary,
    top: top.map((row) => ({ ...row, estimate: estimator.ofRow(row.entries, row.error ?? 0, selection) })),
    without: { ...without, estimate: estimator.of(without.entries) },
  };
}
