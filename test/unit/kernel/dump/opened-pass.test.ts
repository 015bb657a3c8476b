import { expect, it } from 'vitest';
import type { PassEnd } from '../../../../src/kernel/dump/dump-pass.ts';
import { summaryOf } from '../../../../src/kernel/dump/opened-pass.ts';
import { tally } from './part-stand-ins.ts';

const END: PassEnd = {
  outcome: 'complete',
  tally: tally(1_000),
  isFilteredByKernel: true,
  counts: { fewest: 1_000, most: 1_000 },
  results: [],
};
const OPENED = { parts: 2, source: 'ctnetlink', isPrefiltered: false };

it.each([
  ['each part reads its entries only', END, 'complete'],
  [
    'a kernel that ignores the filter returns all entries to both parts',
    { ...END, tally: tally(1_000, 2_000), isFilteredByKernel: false },
    'complete',
  ],
  ['entries were read twice', { ...END, tally: tally(2_000) }, 'resized'],
  ['entries were missed', { ...END, tally: tally(500) }, 'resized'],
])('the outcome of a pass in two parts where %s', (_, end, outcome) => {
  expect(summaryOf(end, OPENED).outcome).toBe(outcome);
});
