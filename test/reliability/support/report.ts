import type { SweepResult } from './sweep.ts';

/** Minimum share of the chosen calls, in each scenario: with fewer, the sweep would cover less than it reports. */
const REACHED_AT_LEAST = 0.95;

/** One line, and one more for each finding unless the fault is deliberate. */
export function figures({ scenario, calls, unsteady, swept, findings, replaced, missed }: SweepResult, mutated: boolean): string {
  const left = unsteady > 0 ? ` (and ${unsteady} that do not occur in every run)` : '';
  const lines = [
    `${scenario}: killed at ${swept} of ${calls} calls${left}, ${tally(findings)}`,
    ...(mutated ? [] : findings.map(({ kind, what, point, call }) => `  ${kind} at point ${point}, ${call}: ${what}`)),
    ...replaced.map((call) => `  not reached again, killed at a nearby call instead: ${call}`),
    ...missed.map((call) => `  not reached again: ${call}`),
  ];
  return `${lines.join('\n')}\n`;
}

export function totals(results: readonly SweepResult[]): string {
  const swept = results.reduce((sum, result) => sum + result.swept, 0);
  return `points swept ${swept}, ${tally(results.flatMap(({ findings }) => findings))}\n\n`;
}

/** Whether the product passes, or the mutant is detected. */
export function verdict(results: readonly SweepResult[], mutated: boolean): boolean {
  const enough = results.every(({ swept, missed }) => swept / (swept + missed.length) >= REACHED_AT_LEAST);
  const findings = results.flatMap((result) => result.findings);
  return enough && (mutated ? findings.some(({ kind }) => kind === 'unrecorded') : findings.length === 0);
}

function tally(findings: SweepResult['findings']): string {
  const count = (wanted: string): number => findings.filter(({ kind }) => kind === wanted).length;
  return `unrecorded changes ${count('unrecorded')}, contradictions ${count('contradiction')}`;
}
