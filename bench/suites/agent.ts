import { compare } from '../harness/compare.ts';
import { Namespace } from '../harness/namespace.ts';
import { referenceBuild } from '../harness/reference.ts';
import { Service } from '../harness/service.ts';
import { isSelected, rowsOf, type Suite } from '../harness/suite.ts';
import type { Row } from '../harness/workload.ts';
import { idle } from '../workloads/agent/idle.ts';
import { scrape, settings } from '../workloads/agent/peers.ts';
import { idleLatency, memoryOfRequests, throughput } from '../workloads/agent/requests.ts';
import { start } from '../workloads/agent/start.ts';

/** What the service costs a host beside its work: start, memory and CPU when idle, scrapes, settings, requests. */
export const agent: Suite = {
  name: 'agent',
  title: 'Cost of the service',
  workloads: ['start', 'idle', 'scrape', 'settings', 'throughput', 'idle-latency', 'memory-of-requests'],
  async rows(run) {
    const { host, options, log, progress } = run;
    const reference = await referenceBuild();
    const namespace = await Namespace.create(host.scratch);
    const stage = {
      scratch: host.scratch,
      namespace,
      service: await Service.start(namespace, host.scratch),
      entries: 0,
      rounds: options.rounds,
    };
    const rows: Row[] = [];
    for (const each of [start(reference), scrape, settings, throughput, idleLatency, memoryOfRequests, idle(reference)]) {
      if (!isSelected(run, each.name)) continue;
      rows.push(
        ...('contenders' in each
          ? await progress.rows(each.name, () => compare([each], stage, log))
          : await rowsOf(run, each, () => each.run(stage))),
      );
    }
    return rows;
  },
};
