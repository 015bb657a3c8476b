import { median } from '../harness/statistics.ts';
import { firstByteMilliseconds } from '../harness/probe.ts';
import type { Workload } from '../harness/workload.ts';
import { EVERY_ENTRY } from '../harness/paths.ts';

export const firstByte: Workload = {
  name: 'first-byte',
  targets: [{ what: 'first byte of a dump', against: '-', limit: 25, unit: 'ms' }],
  async run(stage) {
    const all: number[] = [];
    for (let round = 0; round < stage.rounds; round += 1) all.push(await firstByteMilliseconds(stage, EVERY_ENTRY));
    return [{ value: median(all), ours: `${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)} ms`, theirs: '' }];
  },
};
