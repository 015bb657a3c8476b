import { setTimeout as sleep } from 'node:timers/promises';
import type { Cost } from '../harness/cost.ts';
import { median } from '../harness/statistics.ts';
import type { Result, Stage, Workload } from '../harness/workload.ts';
import { CHANGES } from './long-journal.ts';

const METRICS = '/metrics';
/** A minimal request, for comparison. */
const MINIMAL = '/healthz';
const REQUESTS_PER_ROUND = 50;
/** Time until the background verification of a long journal has finished. */
const SETTLED_MILLISECONDS = 10_000;
const MILLISECONDS = 1_000;

/** CPU of the service per scrape, including all threads and background work. */
export const scrapes: Workload = {
  name: 'scrapes',
  targets: [
    { what: 'CPU of a scrape', against: 'GET /healthz', limit: 10, unit: 'ms' },
    { what: 'wall of a scrape', against: 'GET /healthz', limit: 25, unit: 'ms' },
  ],
  async run({ service, rounds }: Stage): Promise<readonly Result[]> {
    const ours: Cost[] = [];
    const theirs: Cost[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await service.costOfEach(MINIMAL, REQUESTS_PER_ROUND));
      ours.push(await service.costOfEach(METRICS, REQUESTS_PER_ROUND));
    }
    return [result(ours, theirs, 'cpuSeconds'), result(ours, theirs, 'wallSeconds')];
  },
};

/** Only the first scrape counts the changes in the journal. */
export const firstScrape: Workload = {
  name: 'first scrape',
  targets: [
    {
      what: `CPU of the first scrape with ${CHANGES.toLocaleString('en')} changes in the journal`,
      against: '-',
      limit: 3_000,
      unit: 'ms',
    },
  ],
  async run({ service }: Pick<Stage, 'service'>): Promise<readonly Result[]> {
    await sleep(SETTLED_MILLISECONDS);
    const { cpuSeconds } = await service.costOf(METRICS, 'text/plain');
    return [{ value: cpuSeconds * MILLISECONDS, ours: `${(cpuSeconds * MILLISECONDS).toFixed(1)} ms`, theirs: '' }];
  },
};

function result(ours: readonly Cost[], theirs: readonly Cost[], measure: keyof Cost): Result {
  const [mine, other] = [ours, theirs].map((costs) => median(costs.map((cost) => cost[measure])) * MILLISECONDS) as [number, number];
  return { value: mine, ours: `${mine.toFixed(2)} ms`, theirs: `${other.toFixed(2)} ms` };
}
