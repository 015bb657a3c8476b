/**
 * Measures what a flood of unauthenticated probes and a reading client at its rate limit do to changes, to reverts and to memory.
 * Exits with code 1 unless every limit is kept. Compares with the same service without load, in the same run.
 *
 *     node test/reliability/load.ts [--connections N] [--seconds N] [--settle N] [--json]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LoadedService } from './load/loaded-service.ts';
import type { FloodResult } from './load/probe-flood.ts';
import { ReadingClient, type ReadResult } from './load/reading-client.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '500' },
    /** Of each phase: without load, and with load. */
    seconds: { type: 'string', default: '20' },
    /** From the end of the load to the last reading of the memory. */
    settle: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
});
const [connections, seconds, settleSeconds] = [values.connections, values.seconds, values.settle].map(Number) as [number, number, number];

const LIMITS = { ratio: 3, revertLateSeconds: 1, memoryRatio: 1.1 };
const WINDOW_SECONDS = 10;
const WINDOWS = ['generic_timeout', 'icmp_timeout', 'udp_timeout_stream', 'tcp_timeout_close'];

const service = await LoadedService.start();
try {
  const idle = await phase(service, seconds);
  await sleep(2_000);
  const idleMegabytes = service.megabytes();
  const reader = await ReadingClient.start(service);
  const stopFlood = flood(service.port, connections);
  await sleep(1_000);
  const loaded = await phase(service, seconds);
  const peakMegabytes = service.megabytes();
  const probes = await stopFlood();
  const reads = await reader.stop();
  await sleep(settleSeconds * 1_000);
  report({ idle, loaded, probes, reads, memory: { idleMegabytes, peakMegabytes, settledMegabytes: service.megabytes() } });
} finally {
  await service.stop();
}

interface Phase {
  readonly milliseconds: readonly number[];
  readonly revertsLateSeconds: readonly number[];
}

/** Makes changes one after the other, and beside them changes that are not confirmed in time. */
async function phase(on: LoadedService, duration: number): Promise<Phase> {
  const end = performance.now() + duration * 1_000;
  const milliseconds: number[] = [];
  const reverts = WINDOWS.map(async (name, index) => {
    await sleep(index * 700);
    return on.secondsLate(name, WINDOW_SECONDS);
  });
  while (performance.now() < end) {
    milliseconds.push(await on.change());
    await sleep(50);
  }
  return { milliseconds, revertsLateSeconds: await Promise.all(reverts) };
}

/** @returns ends the flood */
function flood(port: number, count: number): () => Promise<FloodResult> {
  const child = fork(join(import.meta.dirname, 'load/probe-flood.ts'), [String(port), String(count)]);
  return async () => {
    child.kill();
    const [result] = (await once(child, 'message')) as [FloodResult];
    return result;
  };
}

interface Results {
  readonly idle: Phase;
  readonly loaded: Phase;
  readonly probes: FloodResult;
  readonly reads: ReadResult;
  readonly memory: { readonly idleMegabytes: number; readonly peakMegabytes: number; readonly settledMegabytes: number };
}

function report({ idle, loaded, probes, reads, memory }: Results): void {
  const ratio = percentile(loaded.milliseconds, 0.99) / percentile(idle.milliseconds, 0.99);
  const late = Math.max(...loaded.revertsLateSeconds);
  const memoryRatio = memory.settledMegabytes / memory.idleMegabytes;
  const failed = probes.failures + reads.failures;
  const met = ratio < LIMITS.ratio && late < LIMITS.revertLateSeconds && memoryRatio < LIMITS.memoryRatio && failed === 0;
  const facts = { changes: { idle: summary(idle), loaded: summary(loaded), ratio: rounded(ratio) }, probes, reads, memory, met };
  process.stdout.write(values.json ? `${JSON.stringify(facts)}\n` : `${lines(facts, memoryRatio).join('\n')}\n`);
  if (!met) process.exitCode = 1;
}

function summary({ milliseconds, revertsLateSeconds }: Phase) {
  return {
    changes: milliseconds.length,
    p50: rounded(percentile(milliseconds, 0.5)),
    p99: rounded(percentile(milliseconds, 0.99)),
    revertLateSeconds: rounded(Math.max(...revertsLateSeconds)),
  };
}

function lines(
  facts: Omit<Results, 'idle' | 'loaded'> & {
    readonly changes: Record<'idle' | 'loaded', ReturnType<typeof summary>> & { readonly ratio: number };
    readonly met: boolean;
  },
  memoryRatio: number,
): readonly string[] {
  const { changes, probes, reads, memory } = facts;
  const ofPhase = ({ changes: count, p50, p99, revertLateSeconds }: ReturnType<typeof summary>): string =>
    `${count} changes, p50 ${p50} ms, p99 ${p99} ms; latest revert ${revertLateSeconds} s after its deadline`;
  return [
    `without load     ${ofPhase(changes.idle)}`,
    `with load        ${ofPhase(changes.loaded)}`,
    `ratio of p99     ${changes.ratio} (limit ${LIMITS.ratio})`,
    `probes           ${probes.responses} responses, ${probes.failures} failures${probes.firstFailure === undefined ? '' : ` (${JSON.stringify(probes.firstFailure)})`}, slowest ${rounded(probes.slowestMilliseconds)} ms`,
    `reads            ${reads.responses} responses, ${reads.failures} failures (${JSON.stringify(reads.statuses)}), slowest ${rounded(reads.slowestMilliseconds)} ms`,
    `resident memory  ${memory.idleMegabytes} MB, with load ${memory.peakMegabytes} MB, ${settleSeconds} s later ${memory.settledMegabytes} MB: ${rounded(memoryRatio)} of idle (limit ${LIMITS.memoryRatio})`,
    facts.met ? 'every limit is kept' : 'A LIMIT IS EXCEEDED',
  ];
}

function percentile(measured: readonly number[], part: number): number {
  const sorted = measured.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
