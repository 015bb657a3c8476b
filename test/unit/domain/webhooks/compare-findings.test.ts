import { describe, expect, it } from 'vitest';
import type { TableFinding, TableFindings } from '../../../../src/domain/findings/table-finding.ts';
import { compareFindings, type KnownFinding } from '../../../../src/domain/webhooks/compare-findings.ts';

const full = (level: TableFinding['level'], count = 1): TableFinding => ({
  code: 'TABLE_NEARLY_FULL',
  level,
  message: `${String(count)} entries`,
  remedy: 'Raise max.',
  evidence: { count },
});
const read = (...findings: TableFinding[]): TableFindings => ({ findings, notChecked: [] });
const NONE = read();

/** The codes and levels reported by each check in turn. */
function reported(checks: readonly TableFindings[]): readonly string[] {
  let known: readonly KnownFinding[] = [];
  return checks.map((check) => {
    const changes = compareFindings(known, check);
    known = changes.known;
    return [...changes.raised.map(({ level }) => `raised ${level}`), ...changes.cleared.map(({ level }) => `cleared ${level}`)].join(', ');
  });
}

describe('findings', () => {
  it('are raised once, and cleared after three checks without them', () => {
    const present = read(full('warning'));
    expect(reported([present, present, NONE, NONE, NONE, NONE])).toEqual(['raised warning', '', '', '', 'cleared warning', '']);
  });

  it('at their threshold do not come and go', () => {
    const present = read(full('warning'));
    expect(reported([present, NONE, NONE, present, NONE, NONE, present])).toEqual(['raised warning', '', '', '', '', '', '']);
  });

  it('are raised again if they become more severe, but not if less', () => {
    expect(reported([read(full('warning')), read(full('error')), read(full('warning')), read(full('error')), NONE, NONE, NONE])).toEqual([
      'raised warning',
      'raised error',
      '',
      '',
      '',
      '',
      'cleared error',
    ]);
  });

  it('that could not be checked stay', () => {
    const unknown: TableFindings = { findings: [], notChecked: [{ codes: ['TABLE_NEARLY_FULL'], reason: 'no samples' }] };
    expect(reported([read(full('warning')), unknown, unknown, unknown, unknown])).toEqual(['raised warning', '', '', '', '']);
  });

  it('of one code are one event, with the most severe', () => {
    expect(reported([read(full('warning', 1), full('error', 2))])).toEqual(['raised error']);
  });

  it('do not change what is known if only their numbers change', () => {
    const { known } = compareFindings([], read(full('warning', 1)));
    expect(compareFindings(known, read(full('warning', 2))).known).toEqual(known);
  });
});
