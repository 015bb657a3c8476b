import { describe, expect, it } from 'vitest';
import { reportOf, toMarkdown, type Facts } from '../../../bench/harness/report.ts';
import type { Row } from '../../../bench/harness/workload.ts';

const facts: Facts = {
  date: '2026-01-02',
  kernel: '6.18.0',
  architecture: 'x64',
  processor: 'A processor',
  cores: 2,
  node: 'v24.0.0',
  conntrack: 'conntrack v1.4.7',
  entries: 1_000_000,
  rounds: 5,
};
const target = { what: 'a dump', against: 'conntrack -L', limit: 0.75, unit: 'ratio' } as const;
const row = { ...target, ours: '3 s', theirs: '4 s' };

function met(rows: readonly Row[]): readonly boolean[] {
  return reportOf(facts, rows).rows.map(({ met }) => met);
}

describe('the report of a benchmark', () => {
  it('marks a target as met at its limit and not above it', () => {
    expect(
      met([
        { ...row, value: 0.75 },
        { ...row, value: 0.750_1 },
      ]),
    ).toEqual([true, false]);
  });

  it('marks a target as not met if nothing could be measured', () => {
    expect(
      met([
        { ...target, failure: 'no service' },
        { ...row, value: NaN },
      ]),
    ).toEqual([false, false]);
  });

  it('reports the number of met targets in its last line', () => {
    const report = reportOf(facts, [
      { ...row, value: 0.5 },
      { ...row, value: 0.9 },
    ]);
    expect(toMarkdown(report).split('\n').at(-1)).toBe('1 of 2 targets met.');
  });

  it('has one line per workload, with both sides, the result and the target', () => {
    expect(toMarkdown(reportOf(facts, [{ ...row, value: 0.5 }]))).toContain('| a dump | conntrack -L | 3 s | 4 s | 0.50 | 0.75 | met |');
  });
});
