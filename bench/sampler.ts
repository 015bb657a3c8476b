/**
 * What a sample of the table costs, and how large the samples become: `npm run bench:sampler [-- --entries N --rounds N --seconds N]`.
 *
 * The CPU of a service that samples each second less that of one that does not, by turns, with an empty table and with a full one; per sample.
 * The entries are spread over network namespaces so that each fits below the host's max, which stays as it is: the hash table is one for all.
 * Needs root and conntrack. Ends with code 1 where a sample at a full table takes 10 ms of CPU or more.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HISTORY_TIERS } from '../src/domain/history/steps.ts';
import { openSamples } from '../src/journal/samples/sqlite-samples.ts';
import { failureOf } from './harness/failure.ts';
import { Host } from './harness/host.ts';
import { Namespace } from './harness/namespace.ts';
import { Service } from './harness/service.ts';
import { median, quantile } from './harness/statistics.ts';

const BAR_MILLISECONDS = 10;
const SETTLE_SECONDS = 5;
const COUNTERS = 17;
const STORED_SAMPLES = 2_000;

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
  },
});
const [entries, rounds, seconds] = [Number(values.entries), Number(values.rounds), Number(values.seconds)];
const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

/** Milliseconds of CPU for one sample, medians of the rounds. */
async function costOfSample(namespace: Namespace, scratch: string): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [sampling, idle] = [await waiting(namespace, scratch, '1'), await waiting(namespace, scratch, '0')];
    costs.push(((sampling - idle) / seconds) * 1_000);
  }
  return median(costs);
}

async function waiting(namespace: Namespace, scratch: string, everySeconds: string): Promise<number> {
  const service = await Service.start(namespace, scratch, { flags: ['--sample-seconds', everySeconds] });
  await service.costOfWaiting(SETTLE_SECONDS);
  const cost = await service.costOfWaiting(seconds);
  await service.stop();
  return cost;
}

async function fill(host: Host): Promise<Namespace> {
  const capacity = await host.capacity();
  const first = await Namespace.create(host.scratch, 'table-0');
  await first.fill(Math.min(entries, capacity));
  for (let made = capacity, number = 1; made < entries; made += capacity, number += 1) {
    const namespace = await Namespace.create(host.scratch, `table-${number}`);
    await namespace.fill(Math.min(capacity, entries - made));
  }
  return first;
}

interface Stored {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly rows: number;
  readonly bytesPerRow: number;
}

/** Samples whose counters all moved, as far apart as makes a row of the finest tiers of each. */
function storing(directory: string): Stored {
  mkdirSync(directory);
  const samples = openSamples(directory, 10, say);
  const increments = Object.fromEntries(Array.from({ length: COUNTERS }, (_, n) => [`counter_${n}`, 1_000_000 + n]));
  const start = Date.now() - STORED_SAMPLES * 600_000;
  const milliseconds = Array.from({ length: STORED_SAMPLES }, (_, n) => {
    const at = new Date(start + n * 600_000);
    const begin = performance.now();
    samples.add({ at, count: 1_000_000, max: 1_048_576, buckets: 1_048_576, counted: { seconds: 10, increments } });
    return performance.now() - begin;
  });
  const keptRows = HISTORY_TIERS.map(({ stepSeconds, keptSeconds }) => {
    const all = samples.between(stepSeconds, new Date(start - keptSeconds * 1_000), new Date(), STORED_SAMPLES + 1);
    return all.length;
  });
  samples.close();
  const rows = keptRows.reduce((sum, kept) => sum + kept, 0);
  const bytesPerRow = statSync(join(directory, 'samples.sqlite3')).size / rows;
  return { p50: median(milliseconds), p99: quantile(milliseconds, 0.99), most: Math.max(...milliseconds), rows, bytesPerRow };
}

try {
  const host = await Host.take();
  try {
    say('an empty table');
    const empty = await costOfSample(await Namespace.create(host.scratch, 'empty'), host.scratch);
    say(`${entries} entries`);
    const full = await costOfSample(await fill(host), host.scratch);
    const stored = storing(join(host.scratch, 'stored'));
    const bound = HISTORY_TIERS.reduce((sum, { stepSeconds, keptSeconds }) => sum + keptSeconds / stepSeconds + 1, 0);
    const report = `# What a sample costs

\`npm run bench:sampler -- --entries ${entries} --rounds ${rounds} --seconds ${seconds}\`, ${new Date().toISOString().slice(0, 10)}

| | |
| --- | --- |
| CPU of a sample, empty table | ${empty.toFixed(2)} ms |
| CPU of a sample, ${entries} entries | ${full.toFixed(2)} ms (bar: below ${BAR_MILLISECONDS} ms) |
| of it storing, on the event loop: median, 99th percentile, most of ${STORED_SAMPLES} | ${stored.p50.toFixed(2)}, ${stored.p99.toFixed(2)}, ${stored.most.toFixed(2)} ms |
| bytes of a stored period, ${COUNTERS} counters of seven digits each | ${Math.round(stored.bytesPerRow)} |
| periods kept at most | ${bound} |
| size of samples.sqlite3 at most | ${((bound * stored.bytesPerRow) / 1e6).toFixed(1)} MB |
`;
    writeFileSync(join(import.meta.dirname, 'results', 'sampler.md'), report);
    process.stdout.write(report);
    if (full >= BAR_MILLISECONDS) process.exitCode = 1;
  } finally {
    await host.release();
  }
} catch (error) {
  process.stderr.write(`${failureOf(error)}\n`);
  process.exitCode = 1;
}
