/**
 * Measures the cost of a sample of the table, and the size of the stored samples: `npm run bench:sampler [-- --entries N --rounds N --seconds N]`.
 *
 * The cost per sample is the CPU of a service that samples every second minus the CPU of one that does not sample, measured in turns, with an
 * empty and with a full table. The entries are spread over network namespaces so that each stays below the host's max, which does not change;
 * all namespaces share one hash table. Needs root and conntrack. The exit code is 1 if a sample of a full table takes 10 ms of CPU or more.
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

const TARGET_MILLISECONDS = 10;
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
const log = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

/** CPU milliseconds per sample, median of the rounds. */
async function costOfSample(namespace: Namespace, scratch: string): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [sampling, idle] = [await idleCost(namespace, scratch, '1'), await idleCost(namespace, scratch, '0')];
    costs.push(((sampling - idle) / seconds) * 1_000);
  }
  return median(costs);
}

async function idleCost(namespace: Namespace, scratch: string, everySeconds: string): Promise<number> {
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
  readonly maximum: number;
  readonly rows: number;
  readonly bytesPerRow: number;
}

/** Stores samples whose counters all changed, far enough apart that each adds a row to every tier. */
function measureStorage(directory: string): Stored {
  mkdirSync(directory);
  const samples = openSamples(directory, 10, log);
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
  return { p50: median(milliseconds), p99: quantile(milliseconds, 0.99), maximum: Math.max(...milliseconds), rows, bytesPerRow };
}

try {
  const host = await Host.prepare();
  try {
    log('an empty table');
    const empty = await costOfSample(await Namespace.create(host.scratch, 'empty'), host.scratch);
    log(`${entries} entries`);
    const full = await costOfSample(await fill(host), host.scratch);
    const stored = measureStorage(join(host.scratch, 'stored'));
    const bound = HISTORY_TIERS.reduce((sum, { stepSeconds, keptSeconds }) => sum + keptSeconds / stepSeconds + 1, 0);
    const report = `# Cost of a sample

\`npm run bench:sampler -- --entries ${entries} --rounds ${rounds} --seconds ${seconds}\`, ${new Date().toISOString().slice(0, 10)}

| | |
| --- | --- |
| CPU of a sample, empty table | ${empty.toFixed(2)} ms |
| CPU of a sample, ${entries} entries | ${full.toFixed(2)} ms (target: below ${TARGET_MILLISECONDS} ms) |
| storing it, on the event loop: median, 99th percentile, maximum of ${STORED_SAMPLES} | ${stored.p50.toFixed(2)}, ${stored.p99.toFixed(2)}, ${stored.maximum.toFixed(2)} ms |
| bytes per stored period, with ${COUNTERS} counters of seven digits | ${Math.round(stored.bytesPerRow)} |
| maximum number of stored periods | ${bound} |
| maximum size of samples.sqlite3 | ${((bound * stored.bytesPerRow) / 1e6).toFixed(1)} MB |
`;
    writeFileSync(join(import.meta.dirname, 'results', 'sampler.md'), report);
    process.stdout.write(report);
    if (full >= TARGET_MILLISECONDS) process.exitCode = 1;
  } finally {
    await host.release();
  }
} catch (error) {
  process.stderr.write(`${failureOf(error)}\n`);
  process.exitCode = 1;
}
