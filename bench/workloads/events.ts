import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../harness/cost.ts';
import { median } from '../harness/statistics.ts';
import type { Stage, Workload } from '../harness/workload.ts';
import { EVENTS } from '../harness/paths.ts';

const FACTORY = resolve('test/support/entry-factory-process.ts');
const FLOWS_A_SECOND = 50_000;
const LOAD_SECONDS = 10;
/** Below it the machine was too slow to say anything. */
const LEAST_FLOWS = 0.98 * FLOWS_A_SECOND * LOAD_SECONDS;
/** For the listener to join, and to give out what it has buffered. */
const JOIN_SECONDS = 1;
const DRAIN_SECONDS = 5;
const LISTEN_SECONDS = JOIN_SECONDS + LOAD_SECONDS + DRAIN_SECONDS;
/** The line that begins a server-sent event of a new flow. */
const NEW_EVENT = '^event: new';

interface Reading {
  readonly created: number;
  readonly lost: number;
}

/** Needs room in the table for the new flows, which stay until all are counted. */
export const events: Workload = {
  name: 'events',
  bars: [
    {
      what: `events lost at ${FLOWS_A_SECOND.toLocaleString('en')} new flows a second for ${LOAD_SECONDS} s`,
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
    // Not the median: a promise to lose nothing is broken by one round.
    return [{ value: Math.max(...ours.map(({ lost }) => lost)), ours: lossOf(ours), theirs: lossOf(theirs) }];
  },
};

function stream({ service }: Stage): Command {
  return service.curl(EVENTS, '--fail', '--no-buffer', '--max-time', String(LISTEN_SECONDS), '--header', 'Accept: text/event-stream');
}

/** @param listener prints how many new flows it was told of, and ends by itself */
async function lostBy({ namespace }: Stage, listener: string): Promise<Reading> {
  const counted = output(namespace.command('sh', '-c', listener));
  await sleep(JOIN_SECONDS * 1_000);
  const load = ['load', '--rate', String(FLOWS_A_SECOND), '--seconds', String(LOAD_SECONDS)];
  const [program, ...args] = namespace.command(process.execPath, FACTORY, ...load);
  const factory = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(factory, 'close');
  const said = await Promise.race([once(factory.stdout, 'data').then(String), ended.then(() => undefined)]);
  if (said === undefined) throw new Error('The load of new flows failed: see the message above.');
  const { created } = JSON.parse(said) as { readonly created: number };
  const told = Number(await counted);
  factory.stdin.end();
  await ended;
  if (created < LEAST_FLOWS) throw new Error(`Expected ${FLOWS_A_SECOND} new flows a second, this machine made ${created / LOAD_SECONDS}.`);
  return { created, lost: Math.abs(created - told) };
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
