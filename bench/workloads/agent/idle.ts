import { setTimeout as sleep } from 'node:timers/promises';
import { REFERENCE } from '../../harness/reference.ts';
import { ON_THE_HOST, Service } from '../../harness/service.ts';
import type { Workload } from '../../harness/workload.ts';

const SETTLE_SECONDS = 300;
const SECONDS = 600;
const MIB = 1_048_576;

/** Both builds are idle side by side, with the sampler on. */
export function idle(reference: string): Workload {
  return {
    name: 'idle',
    targets: [
      {
        what: `resident memory, idle for ${String(SETTLE_SECONDS / 60)} minutes`,
        against: `build of ${REFERENCE}`,
        limit: 110,
        unit: 'MiB',
      },
      { what: `idle CPU over ${String(SECONDS / 60)} minutes`, against: `build of ${REFERENCE}`, limit: 0.35, unit: 'ratio' },
    ],
    async run({ scratch }) {
      const ours = await Service.start(ON_THE_HOST, scratch);
      const theirs = await Service.start(ON_THE_HOST, scratch, { main: reference });
      await sleep(SETTLE_SECONDS * 1_000);
      const [resident, other] = [(await ours.residentBytes()) / MIB, (await theirs.residentBytes()) / MIB];
      const [used, otherUsed] = await Promise.all([ours.costOfWaiting(SECONDS), theirs.costOfWaiting(SECONDS)]);
      await Promise.all([ours.stop(), theirs.stop()]);
      return [
        { value: resident, ours: `${resident.toFixed(1)} MiB`, theirs: `${other.toFixed(1)} MiB` },
        { value: used / otherUsed, ours: share(used), theirs: share(otherUsed) },
      ];
    },
  };
}

function share(seconds: number): string {
  return `${((100 * seconds) / SECONDS).toFixed(3)} % of a core`;
}
