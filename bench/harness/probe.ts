import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Command } from './cost.ts';
import type { Stage } from './workload.ts';

const PROBE = resolve('bench/probe.ts');

/** Start of a request in milliseconds since the epoch, and its duration. */
export type Latency = readonly [start: number, milliseconds: number];

/** A client that requests one path repeatedly from inside the namespace; see bench/probe.ts. */
export interface Prober {
  /** Stops the client. @returns all latencies after the warm-up */
  stop(): Promise<readonly Latency[]>;
}

export async function startProber(stage: Stage, path: string): Promise<Prober> {
  const child = start(stage, 'latency', path);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), ended]);
  return {
    stop: async () => {
      child.stdin.end();
      await ended;
      return JSON.parse(printed.slice(printed.indexOf('\n'))) as Latency[];
    },
  };
}

/** Milliseconds from the request to the first byte of the body. */
export async function firstByteMilliseconds(stage: Stage, path: string): Promise<number> {
  const child = start(stage, 'first-byte', path);
  const printed = await child.stdout.toArray();
  if (printed.length === 0) throw new Error(`Expected a first byte of ${path}, found none: see the message above.`);
  return Number(Buffer.concat(printed as Buffer[]).toString());
}

function start({ namespace, service }: Stage, mode: string, path: string) {
  const [program, ...args]: Command = namespace.command(process.execPath, PROBE, mode, `${service.url}${path}`);
  return spawn(program, args, {
    env: { ...process.env, CONNTRACK_BENCH_TOKEN: service.token },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}
