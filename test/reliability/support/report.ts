import type { SweepResult } from './sweep.ts';

/** Of the calls that were chosen, in each scenario: fewer would mean that the sweep looks at less than it says. */
const REACHED_AT_LEAST = 0.95;

/** One line, one more a finding unless it is a deliberate one. */
export function figures({ scenario, calls, unsteady, swept, findings, replaced, missed }: SweepResult, mutated: boolean): string {
  const left = unsteady > 0 ? ` (and ${unsteady} that do not come in every run)` : '';
  const lines = [
    `${scenario}: killed at ${swept} of ${calls} calls${left}, ${tally(findings)}`,
    ...(mutated ? [] : findings.map(({ kind, what, point, call }) => `  ${kind} at point ${point}, ${call}: ${what}`)),
    ...replaced.map((call) => `  not met again, one near by was: ${call}`),
    ...missed.map((call) => `  not met again: ${call}`),
  ];
  return `${lines.join('\n')}\n`;
}

export function totals(results: readonly SweepResult[]): string {
  const swept = results.reduce((sum, result) => sum + result.swept, 0);
  return `points swept ${swept}, ${tally(results.flatMap(({ findings }) => findings))}\n\n`;
}

/** Whether the product passes, or the mutant is found out. */
export function verdict(results: readonly SweepResult[], mutated: boolean): boolean {
  const enough = results.every(({ swept, missed }) => swept / (swept + missed.length) >= REACHED_AT_LEAST);
  const findings = results.flatMap((result) => result.findings);
  return enough && (mutated ? findings.some(({ kind }) => kind === 'unrecorded') : findings.length === 0);
}

function tally(findings: SweepResult['findings']): string {
  const count = (wanted: string): number => findings.filter(({ kind }) => kind === wanted).length;
  return `unrecorded changes ${count('unrecorded')}, contradictions ${count('contradiction')}`;
}
