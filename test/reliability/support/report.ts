import type { SweepResult } from './sweep.ts';

/**
 * Of the calls that were chosen: fewer would mean that the sweep looks at less than it says. A call that depends on timing (a lock on -shm)
 * is not met again in every run, and in a sample of twelve one such call is a large share of its scenario.
 */
const REACHED_AT_LEAST = 0.95;
const REACHED_IN_EACH_AT_LEAST = 0.75;

/** One line a scenario, one a finding, and a line of totals. */
export function figures(results: readonly SweepResult[], mutant?: string): string {
  const head = mutant === undefined ? '' : `with the deliberate fault "${mutant}":\n`;
  const lines = results.flatMap(({ scenario, calls, swept, findings, missed }) => [
    `${scenario}: killed at ${swept} of ${calls} calls, ${tally(findings)}`,
    ...(mutant === undefined ? findings.map(({ kind, what, point, call }) => `  ${kind} at point ${point}, ${call}: ${what}`) : []),
    ...missed.map((call) => `  not met again: ${call}`),
  ]);
  const all = results.flatMap(({ findings }) => findings);
  const swept = results.reduce((sum, result) => sum + result.swept, 0);
  return `${head}${lines.join('\n')}\npoints swept ${swept}, ${tally(all)}\n\n`;
}

/** Whether the product passes, or the mutant is found out. */
export function verdict(results: readonly SweepResult[], mutated: boolean): boolean {
  const reached = (some: readonly SweepResult[]): number => {
    const swept = some.reduce((sum, result) => sum + result.swept, 0);
    return swept / (swept + some.reduce((sum, { missed }) => sum + missed.length, 0));
  };
  const enough = reached(results) >= REACHED_AT_LEAST && results.every((result) => reached([result]) >= REACHED_IN_EACH_AT_LEAST);
  const findings = results.flatMap((result) => result.findings);
  return enough && (mutated ? findings.some(({ kind }) => kind === 'unrecorded') : findings.length === 0);
}

function tally(findings: SweepResult['findings']): string {
  const count = (wanted: string): number => findings.filter(({ kind }) => kind === wanted).length;
  return `unrecorded changes ${count('unrecorded')}, contradictions ${count('contradiction')}`;
}
