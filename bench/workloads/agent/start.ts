import type { Cost } from '../../harness/cost.ts';
import { REFERENCE } from '../../harness/reference.ts';
import { Service, ON_THE_HOST } from '../../harness/service.ts';
import { ratioRow, type Comparison, type Stage } from '../../harness/workload.ts';

const OURS = 'start';
const THEIRS = `build of ${REFERENCE}`;

/** @param reference `main.js` of the build to compare with */
export function start(reference: string): Comparison {
  return {
    name: 'start',
    contenders: { [OURS]: (stage) => costOfStart(stage), [THEIRS]: (stage) => costOfStart(stage, reference) },
    rows: [{ ...ratioRow(OURS, 'cpuSeconds', [OURS, THEIRS], 0.45), what: 'CPU from exec until /readyz is 200' }],
  };
}

async function costOfStart({ scratch }: Stage, main?: string): Promise<Cost> {
  const before = performance.now();
  const service = await Service.start(ON_THE_HOST, scratch, main === undefined ? {} : { main });
  const cost = { cpuSeconds: service.cpuSeconds(), wallSeconds: (performance.now() - before) / 1_000 };
  await service.stop();
  return cost;
}
