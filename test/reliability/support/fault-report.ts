import type { SuiteResult } from './fault-suites.ts';
import type { FaultFinding } from './try-fault.ts';

const WORDS = {
  unrecorded: 'unrecorded changes',
  contradiction: 'contradictions',
  recreation: 'silent recreations',
  answer: 'responses that were not problem documents',
  crash: 'crashes',
} as const satisfies Record<FaultFinding['kind'], string>;

/** Minimum share of the chosen cases, in each suite. */
const MET_AT_LEAST = 0.95;

/** One line, and one more for each finding. */
export function faultFigures({ suite, possible, cases, replaced, missed, findings }: SuiteResult): string {
  const lines = [
    `${suite}: ${cases} of ${possible} cases, ${tally(findings)}`,
    ...findings.map(({ kind, number, name, what }) => `  ${kind} in case ${number}, ${name}: ${what}`),
    ...replaced.map((name) => `  not reached again, a nearby case was tried instead: ${name}`),
    ...missed.map((name) => `  not reached again: ${name}`),
  ];
  return `${lines.join('\n')}\n`;
}

export function faultTotals(results: readonly SuiteResult[]): string {
  const cases = results.reduce((sum, result) => sum + result.cases, 0);
  return `cases ${cases}, ${tally(results.flatMap(({ findings }) => findings))}\n`;
}

export function isClean(results: readonly SuiteResult[]): boolean {
  return results.every(({ cases, missed, findings }) => cases / (cases + missed.length) >= MET_AT_LEAST && findings.length === 0);
}

function tally(findings: readonly FaultFinding[]): string {
  return Object.entries(WORDS)
    .map(([kind, words]) => `${words} ${findings.filter((finding) => finding.kind === kind).length}`)
    .join(', ');
}
