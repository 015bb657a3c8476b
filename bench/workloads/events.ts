import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../harness/cost.ts';
import { median } from '../harness/statistics.ts';
import type { Stage, Workload } from '../harness/workload.ts';
import { EVENTS } from '../harness/paths.ts';

const FACTORY = resolve('test/support/entry-factory-process.ts');
const FLOWS_PER_SECOND = 50_000;
const LOAD_SECONDS = 10;
/** With fewer flows, the machine was too slow for a valid result. */
const MINIMUM_FLOWS = 0.98 * FLOWS_PER_SECOND * LOAD_SECONDS;
/** Time for the listener to subscribe, and to print what it has buffered. */
const JOIN_SECONDS = 1;
const DRAIN_SECONDS = 5;
const LISTEN_SECONDS = JOIN_SECONDS + LOAD_SECONDS + DRAIN_SECONDS;
/** First line of a server-sent event for a new flow. */
const NEW_EVENT = '^event: new';

interface Reading {
  readonly created: number;
  readonly lost: number;
}

/** The table must have room for the new flows, which exist until all are counted. */
export const events: Workload = {
  name: 'events',
  targets: [
    {
      what: `events lost at ${FLOWS_PER_SECOND.toLocaleString('en')} new flows a second for ${LOAD_SECONDS} s`,
      against: 'conntrack -E',
      limit: 0,
      unit: 'events',
    },
  ],
  async run(stage) {
    const ours: Reading[] = [];
    const theirs: Reading[] = [];
    for (let round = 0; round < stage.rounds; round += 1) {
      ours.push(await lostBy(stage, `${shell(stream(stage))} | grep -c '${NEW_EVENT}'`));
      theirs.push(await lostBy(stage, `timeout -s INT ${LISTEN_SECONDS} conntrack -E -e NEW 2>/dev/null | wc -l`));
    }
    // The maximum, not the median: one lost event in any round misses the target.
    return [{ value: Math.max(...ours.map(({ lost }) => lost)), ours: lossOf(ours), theirs: lossOf(theirs) }];
  },
};

function stream({ service }: Stage): Command {
  return service.curl(EVENTS, '--fail', '--no-buffer', '--max-time', String(LISTEN_SECONDS), '--header', 'Accept: text/event-stream');
}

/** @param listener shell command that exits after LISTEN_SECONDS and prints the number of new flows it received */
async function lostBy({ namespace }: Stage, listener: string): Promise<Reading> {
  const counted = output(namespace.command('sh', '-c', listener));
  await sleep(JOIN_SECONDS * 1_000);
  const load = ['load', '--rate', String(FLOWS_PER_SECOND), '--seconds', String(LOAD_SECONDS)];
  const [program, ...args] = namespace.command(process.execPath, FACTORY, ...load);
  const factory = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(factory, 'close');
  const printed = await Promise.race([once(factory.stdout, 'data').then(String), ended.then(() => undefined)]);
  if (printed === undefined) throw new Error('The load of new flows failed: see the message above.');
  const { created } = JSON.parse(printed) as { readonly created: number };
  const received = Number(await counted);
  factory.stdin.end();
  await ended;
  if (created < MINIMUM_FLOWS)
    throw new Error(`Expected ${FLOWS_PER_SECOND} new flows a second, found ${created / LOAD_SECONDS}: this machine is too slow.`);
  return { created, lost: Math.abs(created - received) };
}

async function output([program, ...args]: Command): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return Buffer.concat((await child.stdout.toArray()) as Buffer[]).toString();
}

function shell(command: Command): string {
  return command.map((word) => `'${word}'`).join(' ');
}

function lossOf(readings: readonly Reading[]): string {
  const lost = median(readings.map((reading) => reading.lost));
  const created = median(readings.map((reading) => reading.created));
  return `${lost} of ${created} (${((100 * lost) / created).toFixed(2)} %)`;
}
