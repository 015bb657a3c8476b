import { median } from '../harness/statistics.ts';
import { firstByteMilliseconds } from '../harness/probe.ts';
import { rawFloor } from './contenders.ts';
import type { Workload } from '../harness/workload.ts';
import { EVERY_ENTRY } from '../harness/paths.ts';

export const firstByte: Workload = {
  name: 'first-byte',
  targets: [{ what: 'first byte of a dump, additional', against: 'first message of the raw dump', limit: 25, unit: 'ms' }],
  async run(stage) {
    const [all, raw]: [number[], number[]] = [[], []];
    for (let round = 0; round < stage.rounds; round += 1) {
      all.push(await firstByteMilliseconds(stage, EVERY_ENTRY));
      raw.push((await rawFloor(stage)).firstMilliseconds);
    }
    const [ours, theirs] = [median(all), median(raw)];
    return [{ value: ours - theirs, ours: `${ours.toFixed(1)} ms`, theirs: `${theirs.toFixed(1)} ms` }];
  },
};
