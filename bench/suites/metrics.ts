import { Namespace } from '../harness/namespace.ts';
import { Service } from '../harness/service.ts';
import { rowsOf, type Suite } from '../harness/suite.ts';
import { CHANGES, recordChanges } from '../workloads/long-journal.ts';
import { firstScrape, scrapes } from '../workloads/scrapes.ts';

const RAISED_MAX = 1_200_000;
const KEEP_BUCKETS = 0;
/** Entries created per step, because a table with few buckets fills slowly. */
const STEP = 100_000;

/** A scrape of /metrics with a large table and a long journal. */
export const metrics: Suite = {
  name: 'metrics',
  title: 'Metrics',
  workloads: [firstScrape.name, scrapes.name],
  async rows(run) {
    const { host, options, log } = run;
    const namespace = await Namespace.create(host.scratch);
    log(`recording ${String(CHANGES)} changes`);
    const service = await Service.start(namespace, host.scratch, { prepare: recordChanges });
    const stage = { scratch: host.scratch, namespace, service, entries: options.entries, rounds: options.rounds };
    const first = await rowsOf(run, firstScrape, () => firstScrape.run(stage));
    // Raise the limit of the host as late as possible.
    if (options.raise) await host.raise(RAISED_MAX, KEEP_BUCKETS);
    log(`filling the table with ${String(options.entries)} entries`);
    for (let entries = 0; entries < options.entries;) await namespace.fill((entries = Math.min(entries + STEP, options.entries)));
    return [...(await rowsOf(run, scrapes, () => scrapes.run(stage))), ...first];
  },
};
