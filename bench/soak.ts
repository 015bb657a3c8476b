/**
 * Measures whether the service stays the same beside much traffic: `npm run bench:soak [-- --minutes N --rate N]`.
 *
 * Entries are created and, a second later, deleted at the rate, while two clients receive all events, one client scrapes /metrics every 15 s,
 * one reads the whole table once a minute, and one requests `GET /table` repeatedly. Needs root, conntrack and curl. The exit code is 1 if a
 * limit below is exceeded. The result is stored in bench/results/soak.md if it took an hour.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { failureOf } from './harness/failure.ts';
import { type Command } from './harness/cost.ts';
import { Host } from './harness/host.ts';
import { Namespace } from './harness/namespace.ts';
import { EVENTS, EVERY_ENTRY, NDJSON, TABLE } from './harness/paths.ts';
import { startProber } from './harness/probe.ts';
import { Service } from './harness/service.ts';
import { quantile } from './harness/statistics.ts';

const FACTORY = resolve('test/support/entry-factory-process.ts');
const LIMITS = { memory: 1.05, p99: 1.5 };
const STANDARD_MINUTES = 60;
const SCRAPE_SECONDS = 15;
/** Clients subscribe before the first entry, and receive the last event before they end. */
const MARGIN_SECONDS = 5;
const MIB = 1_048_576;
/** The periods that are compared, of which the first is the warm-up. */
const PERIODS = 6;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: String(STANDARD_MINUTES) }, rate: { type: 'string', default: '20000' } },
});
const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
const periodSeconds = (minutes * 60) / PERIODS;

interface Soak {
  readonly created: number;
  readonly received: Readonly<Record<'new' | 'destroy', number>>;
  /** At the end of each period. */
  readonly residentBytes: readonly number[];
  /** Of `GET /table` in each period, in milliseconds. */
  readonly p99: readonly number[];
  readonly cpuSeconds: number;
}

async function soak(namespace: Namespace, service: Service): Promise<Soak> {
  const listenSeconds = minutes * 60 + 2 * MARGIN_SECONDS;
  const received = (['new', 'destroy'] as const).map((kind) => countEvents(namespace, service, kind, listenSeconds));
  await sleep(MARGIN_SECONDS * 1_000);
  const [program, ...args] = namespace.command(process.execPath, FACTORY, 'churn', '--rate', String(rate));
  const factory = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const printed = factory.stdout.toArray() as Promise<Buffer[]>;
  const isEnded = (): boolean => factory.exitCode !== null || factory.signalCode !== null;
  const cpuBefore = service.cpuSeconds();
  const start = Date.now();
  const end = new AbortController();
  const others = [
    every(SCRAPE_SECONDS, end.signal, () => service.costOf('/metrics', '*/*')),
    every(60, end.signal, () => service.costOf(EVERY_ENTRY, NDJSON)),
  ];
  const prober = await startProber({ scratch: '', namespace, service, entries: 0, rounds: 1 }, TABLE);
  const residentBytes: number[] = [];
  for (let period = 1; period <= PERIODS; period += 1) {
    await sleep(start + period * periodSeconds * 1_000 - Date.now());
    if (isEnded()) throw new Error('the entry factory has ended too early');
    residentBytes.push(await service.residentBytes());
    process.stderr.write(`${String((period * minutes) / PERIODS)} minutes: ${((residentBytes.at(-1) ?? 0) / MIB).toFixed(1)} MiB\n`);
  }
  factory.stdin.end();
  end.abort();
  await Promise.all(others);
  const latencies = await prober.stop();
  const cpuSeconds = service.cpuSeconds() - cpuBefore;
  const { created } = JSON.parse(
    Buffer.concat(await printed)
      .toString()
      .split('\n')[1] ?? '',
  ) as { readonly created: number };
  const [news = 0, destroyed = 0] = await Promise.all(received);
  const p99 = residentBytes.map((_, period) => {
    const inPeriod = latencies.filter(([at]) => Math.floor((at - start) / (periodSeconds * 1_000)) === period);
    return quantile(
      inPeriod.map(([, milliseconds]) => milliseconds),
      0.99,
    );
  });
  return { created, received: { new: news, destroy: destroyed }, residentBytes, p99, cpuSeconds };
}

async function countEvents(namespace: Namespace, service: Service, kind: string, seconds: number): Promise<number> {
  const stream = service.curl(EVENTS, '--no-buffer', '--max-time', String(seconds), '--header', 'Accept: text/event-stream');
  const words = stream.map((word) => `'${word}'`).join(' ');
  const [program, ...args]: Command = namespace.command('sh', '-c', `${words} 2>/dev/null | grep -c '^event: ${kind}'`);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return Number(Buffer.concat((await child.stdout.toArray()) as Buffer[]).toString());
}

async function every(seconds: number, signal: AbortSignal, run: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await run();
    await sleep(seconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
}

function report({ created, received, residentBytes, p99, cpuSeconds }: Soak): string {
  const lost = 2 * created - received.new - received.destroy;
  const settled = p99.slice(1);
  const [memory, spread] = [(residentBytes.at(-1) ?? 0) / (residentBytes[0] ?? 0), Math.max(...settled) / Math.min(...settled)];
  if (lost !== 0 || memory > LIMITS.memory || spread > LIMITS.p99) process.exitCode = 1;
  const list = (numbers: readonly number[]): string => numbers.map((each) => each.toFixed(1)).join(', ');
  return `# Soak

\`npm run bench:soak -- --minutes ${String(minutes)} --rate ${String(rate)}\`, ${new Date().toISOString().slice(0, 10)}. ${String(rate)} new and ${String(rate)} ended entries a second, a scrape every ${String(SCRAPE_SECONDS)} s, a dump a minute, two event clients; ${String(PERIODS)} periods of ${String(periodSeconds / 60)} minutes.

| | | target |
| --- | --- | --- |
| events sent and received by the two clients, lost | ${String(2 * created)}, ${String(lost)} | 0 lost |
| resident memory at the end of each period, MiB | ${list(residentBytes.map((bytes) => bytes / MIB))} | the last at most ${String(LIMITS.memory)} of the first: ${memory.toFixed(3)} |
| p99 of \`GET /table\` in each period, ms | ${list(p99)} | highest at most ${String(LIMITS.p99)} of lowest after the first: ${spread.toFixed(2)} |
| CPU of the service, share of one core | ${(cpuSeconds / (minutes * 60)).toFixed(2)} | |
`;
}

try {
  const host = await Host.prepare();
  try {
    const namespace = await Namespace.create(host.scratch);
    const service = await Service.start(namespace, host.scratch);
    const text = report(await soak(namespace, service));
    await service.stop();
    if (minutes >= STANDARD_MINUTES) writeFileSync(join(import.meta.dirname, 'results', 'soak.md'), text);
    process.stdout.write(text);
  } finally {
    await host.release();
  }
} catch (error) {
  process.stderr.write(`${failureOf(error)}\n`);
  process.exitCode = 1;
}
