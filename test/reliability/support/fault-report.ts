import type { SuiteResult } from './fault-suites.ts';
import type { FaultFinding } from './try-fault.ts';

const WORDS = {
  unrecorded: 'unrecorded changes',
  contradiction: 'contradictions',
  recreation: 'silent recreations',
  answer: 'answers that were not problem documents',
  crash: 'crashes',
} as const satisfies Record<FaultFinding['kind'], string>;

/** One line a suite, one a finding, and a line of totals. */
export function faultFigures(results: readonly SuiteResult[]): string {
  const lines = results.flatMap(({ suite, possible, cases, findings }) => [
    `${suite}: ${cases} of ${possible} cases, ${tally(findings)}`,
    ...findings.map(({ kind, number, name, what }) => `  ${kind} in case ${number}, ${name}: ${what}`),
  ]);
  const cases = results.reduce((sum, result) => sum + result.cases, 0);
  return `${lines.join('\n')}\ncases ${cases}, ${tally(results.flatMap(({ findings }) => findings))}\n`;
}

export function isClean(results: readonly SuiteResult[]): boolean {
  return results.every(({ cases, findings }) => cases > 0 && findings.length === 0);
}

function tally(findings: readonly FaultFinding[]): string {
  return Object.entries(WORDS)
    .map(([kind, words]) => `${words} ${findings.filter((finding) => finding.kind === kind).length}`)
    .join(', ');
}
