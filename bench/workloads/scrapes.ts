import { setTimeout as sleep } from 'node:timers/promises';
import type { Cost } from '../harness/cost.ts';
import { median } from '../harness/statistics.ts';
import type { Figure, Stage, Workload } from '../harness/workload.ts';
import { CHANGES } from './long-journal.ts';

const METRICS = '/metrics';
/** The whole way of a request that asks for next to nothing. */
const NOTHING = '/healthz';
const REQUESTS_A_ROUND = 50;
/** Until the chain of a long journal has been verified in the background. */
const SETTLED_MILLISECONDS = 10_000;
const MILLISECONDS = 1_000;

/** What a scrape costs the service in CPU, all of its threads, the background work meanwhile included. */
export const scrapes: Workload = {
  name: 'scrapes',
  bars: [
    { what: 'CPU of a scrape', against: 'GET /healthz', limit: 10, unit: 'ms' },
    { what: 'wall of a scrape', against: 'GET /healthz', limit: 25, unit: 'ms' },
  ],
  async run({ service, rounds }: Stage): Promise<readonly Figure[]> {
    const ours: Cost[] = [];
    const theirs: Cost[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await service.costOfEach(NOTHING, REQUESTS_A_ROUND));
      ours.push(await service.costOfEach(METRICS, REQUESTS_A_ROUND));
    }
    return [figure(ours, theirs, 'cpuSeconds'), figure(ours, theirs, 'wallSeconds')];
  },
};

/** It counts the changes that the journal has, and no later one does. */
export const firstScrape: Workload = {
  name: 'first scrape',
  bars: [
    {
      what: `CPU of the first scrape with ${CHANGES.toLocaleString('en')} changes in the journal`,
      against: '-',
      limit: 3_000,
      unit: 'ms',
    },
  ],
  async run({ service }: Pick<Stage, 'service'>): Promise<readonly Figure[]> {
    await sleep(SETTLED_MILLISECONDS);
    const { cpuSeconds } = await service.costOf(METRICS, 'text/plain');
    return [{ value: cpuSeconds * MILLISECONDS, ours: `${(cpuSeconds * MILLISECONDS).toFixed(1)} ms`, theirs: '' }];
  },
};

function figure(ours: readonly Cost[], theirs: readonly Cost[], measure: keyof Cost): Figure {
  const [mine, other] = [ours, theirs].map((costs) => median(costs.map((cost) => cost[measure])) * MILLISECONDS) as [number, number];
  return { value: mine, ours: `${mine.toFixed(2)} ms`, theirs: `${other.toFixed(2)} ms` };
}
