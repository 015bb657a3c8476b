import { ratioRow, type Comparison } from '../harness/workload.ts';
import { program, rawFloor, wholeTable } from './contenders.ts';

const OURS = 'whole table as NDJSON';

export const wholeTableWorkload: Comparison = {
  name: 'whole-table',
  contenders: { [OURS]: wholeTable, 'conntrack -L': program('conntrack', '-L'), 'raw floor': rawFloor },
  rows: [
    ratioRow(OURS, 'cpuSeconds', [OURS, 'conntrack -L'], 0.62),
    ratioRow(OURS, 'wallSeconds', [OURS, 'conntrack -L'], 0.42),
    ratioRow(OURS, 'cpuSeconds', [OURS, 'raw floor'], 1.5),
  ],
};
