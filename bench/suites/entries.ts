import { compare } from '../harness/compare.ts';
import { failureOf } from '../harness/failure.ts';
import { Namespace } from '../harness/namespace.ts';
import { Service } from '../harness/service.ts';
import { isSelected, rowsOf, type Run, type Suite } from '../harness/suite.ts';
import type { Comparison, Row, Stage, Workload } from '../harness/workload.ts';
import { events } from '../workloads/events.ts';
import { onePort, onePortOfFamily, oneSource } from '../workloads/filters.ts';
import { firstByte } from '../workloads/first-byte.ts';
import { latency } from '../workloads/latency.ts';
import { memory } from '../workloads/memory.ts';
import { sameEntries } from '../workloads/same-entries.ts';
import { SCALE, SCALE_SIZES, scalePoint, scaleRow, warmUp, type ScalePoint } from '../workloads/scale.ts';
import { slowClients } from '../workloads/slow-clients.ts';
import { summary } from '../workloads/summary.ts';
import { wholeTableWorkload } from '../workloads/whole-table.ts';

const COMPARISONS: readonly Comparison[] = [wholeTableWorkload, oneSource, onePortOfFamily, onePort, summary];
const WORKLOADS: readonly Workload[] = [sameEntries, firstByte, memory, latency, events, slowClients];
const COMPARED = 'comparisons';

/** The kernel evicts entries from 95 % of max. */
const MAX_PER_ENTRY = 1.1;
/** For the flows of the workload that creates events. */
const ROOM = 600_000;

/** How fast the service reads a large table, compared with conntrack(8) and with the kernel's own cost. */
export const entries: Suite = {
  name: 'entries',
  title: 'Entries',
  workloads: [...COMPARISONS, ...WORKLOADS].map(({ name }) => name).concat(SCALE),
  async rows(run) {
    const table = await Table.create(run);
    const isScaled = isSelected(run, SCALE) && !run.progress.has(SCALE);
    const points: (ScalePoint | Error)[] = [];
    if (isScaled) {
      const small = await table.of(run.options.entries * SCALE_SIZES.small);
      await warmUp(small);
      points.push(await point(small));
    }
    const rows = await rowsAtOneSize(run, table);
    if (isScaled) for (const size of [1, SCALE_SIZES.large]) points.push(await point(await table.of(run.options.entries * size)));
    if (!isSelected(run, SCALE)) return rows;
    const scale = await run.progress.rows(SCALE, () =>
      Promise.resolve([scaleRow(points.find((found) => found instanceof Error) ?? (points as ScalePoint[]))]),
    );
    return [...rows, ...scale];
  },
};

/** Of all comparisons, the contenders take turns, so that they are measured together. */
async function rowsAtOneSize(run: Run, table: Table): Promise<readonly Row[]> {
  const stage = (): Promise<Stage> => table.of(run.options.entries);
  const comparisons = COMPARISONS.filter(({ name }) => isSelected(run, name));
  const rows = [...(await run.progress.rows(COMPARED, async () => compare(comparisons, await stage(), run.log)))];
  for (const workload of WORKLOADS.filter(({ name }) => isSelected(run, name)))
    rows.push(...(await rowsOf(run, workload, async () => workload.run(await stage()))));
  return rows;
}

function point(stage: Stage): Promise<ScalePoint | Error> {
  return scalePoint(stage).catch((error: unknown) => new Error(failureOf(error)));
}

/** A table that grows. There is about one bucket for each entry, as on a host that is set up for them. */
class Table {
  private readonly run: Run;
  private readonly namespace: Namespace;
  private readonly service: Service;
  private size = 0;

  private constructor(run: Run, namespace: Namespace, service: Service) {
    this.run = run;
    this.namespace = namespace;
    this.service = service;
  }

  static async create(run: Run): Promise<Table> {
    const namespace = await Namespace.create(run.host.scratch);
    return new Table(run, namespace, await Service.start(namespace, run.host.scratch));
  }

  /** @throws Error if the host has no room for so many entries */
  async of(size: number): Promise<Stage> {
    const { host, options, log } = this.run;
    if (options.raise) await host.raise(size * MAX_PER_ENTRY + ROOM, size);
    if (size > (await host.capacity()))
      throw new Error(`Expected room for ${size} entries below nf_conntrack_max: use a smaller --entries.`);
    if (this.size < size) log(`filling the table with ${String(size)} entries`);
    this.size = size;
    await this.namespace.fill(size);
    return { scratch: host.scratch, namespace: this.namespace, service: this.service, entries: size, rounds: options.rounds };
  }
}
