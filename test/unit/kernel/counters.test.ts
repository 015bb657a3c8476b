import { describe, expect, it } from 'vitest';
import { parseCounters } from '../../../src/kernel/procfs/parse-counters.ts';

describe('per-CPU counters', () => {
  it('are hexadecimal and named by the header', () => {
    expect(parseCounters('entries  found  drop\n0000002a  00000010 fffffff0\n0000002a  00000000 00000001\n')).toEqual([
      { found: 16, drop: 0xffff_fff0 },
      { found: 0, drop: 1 },
    ]);
  });

  it('ignore missing, unnamed and malformed columns', () => {
    expect(parseCounters('entries found drop searched\n1 2 zz\n')).toEqual([{ found: 2 }]);
    expect(parseCounters('entries found\n1 2 3 4\n')).toEqual([{ found: 2 }]);
  });

  it('are none if there are no lines', () => {
    expect(parseCounters('entries found\n')).toEqual([]);
  });
});
