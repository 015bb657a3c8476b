import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createApp } from '../../src/app.module.ts';
import { ChangeSettings } from '../../src/application/change/change-settings.ts';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import { Journal } from '../../src/application/ports/journal.ts';
import { KernelSettings } from '../../src/application/ports/kernel.ts';
import type { Config } from '../../src/config/config.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { CALLER } from '../support/app.ts';
import { host } from './support/network-namespace.ts';
import { run } from './support/run.ts';

const NAMESPACES = 200;
/** Namespaces that have each name, one after the other, with other values: at least so many, and until enough was written. */
const LIVES = 2;
const FEWEST_WRITES = 50;
/** Namespaces that one shell creates or deletes. */
const BATCH = 20;
const READERS = 4;
/** The host's values, and those of every namespace, are in ranges of their own. */
const MARK = { firstOfReads: 10_000, firstOfWrites: 1_000_000 };
/** `generic_timeout` says which namespace it is and is never written by the service. `icmp_timeout` is: it must fit. */
const [IDENTIFIES, IS_WRITTEN] = ['generic_timeout', 'icmp_timeout'];

type App = Awaited<ReturnType<typeof createApp>>;

interface Life {
  readonly name: string;
  /** The value of `IDENTIFIES` in this life of the name, unique among all lives. */
  readonly mark: number;
}

let app: App;
let dataDir: string;
let prefix: string;
/** By name: the namespace that has it now; absent while none has it. */
const living = new Map<string, Life>();
/** Every life of every name, also those that have ended. */
const marks = new Map<number, Life>();
const onHost = new Map<string, number>();

const CONFIG: Omit<Config, 'dataDir'> = {
  host: '127.0.0.1',
  port: 0,
  tcp: true,
  root: '/',
  simulated: false,
  allowedHosts: [],
  allowedOrigins: [],
  rateLimit: 0,
  logLevel: 'silent',
  firstToken: false,
  requireIfMatch: false,
  namespaces: true,
  openMetrics: false,
  applyAtStart: false,
  sampleSeconds: 0,
};

/** Runs commands in one shell, because a process for each takes too long. It stops at the first that fails. */
async function shell(commands: readonly string[]): Promise<void> {
  if (commands.length > 0) await run('sh', ['-e'], { input: commands.join('\n') });
}

const birth = ({ name, mark }: Life): string =>
  `ip netns add ${name} && ip netns exec ${name} sh -c 'echo ${String(mark)} > /proc/sys/net/netfilter/nf_conntrack_${IDENTIFIES}'`;

async function create(lives: readonly Life[]): Promise<void> {
  for (const life of lives) marks.set(life.mark, life);
  await shell(lives.map(birth));
  for (const life of lives) living.set(life.name, life);
}

async function remove(names: readonly string[]): Promise<void> {
  for (const name of names) living.delete(name);
  await shell(names.map((name) => `ip netns delete ${name}`));
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(inject('scratch'), 'churn-'));
  prefix = `${basename(inject('scratch'))}-churn`;
  app = await createApp({ ...CONFIG, dataDir });
  for (const name of [IDENTIFIES, IS_WRITTEN]) onHost.set(name, await host.readSysctl(name));
});

afterAll(async () => {
  await app.close();
  await shell([...living.keys()].map((name) => `ip netns delete ${name} || true`));
  rmSync(dataDir, { recursive: true });
});

const batches = Array.from({ length: NAMESPACES / BATCH }, (_, batch) =>
  Array.from({ length: BATCH }, (__, index) => batch * BATCH + index),
);
const nameOf = (index: number): string => `${prefix}-${String(index)}`;
const lifeOf = (index: number, round: number): Life => ({
  name: nameOf(index),
  mark: MARK.firstOfReads + round * NAMESPACES + index,
});
const anyName = (): string => nameOf(randomInt(NAMESPACES));

interface Tally {
  reads: number;
  writes: number;
  gone: number;
  readonly wrong: string[];
}

/** Errors that say that nothing was reached. */
function isRefusal(error: unknown): boolean {
  return error instanceof ConntrackError && ['NAMESPACE_NOT_FOUND', 'NAMESPACE_REPLACED'].includes(error.code);
}

/** Reads one namespace: its mark must be of this name. A namespace between its creation and its mark has the host's default. */
async function readOne(tally: Tally): Promise<void> {
  const name = anyName();
  try {
    const { settings, namespace } = await app.get(KernelSettings).read(name);
    const mark = settings.find((setting) => setting.name === IDENTIFIES)?.value ?? NaN;
    if (namespace?.name !== name || (marks.has(mark) && marks.get(mark)?.name !== name)) {
      tally.wrong.push(`read ${name}: ${String(mark)} is of ${marks.get(mark)?.name ?? 'the host'}`);
    }
    tally.reads++;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    tally.gone++;
  }
}

/** Changes one namespace, to a value that identifies the change. @returns the life that the plan was made for */
async function writeOne(tally: Tally, value: number, written: Map<number, string>): Promise<void> {
  const name = anyName();
  written.set(value, name);
  const request = { namespace: name, settings: { [IS_WRITTEN]: value }, persist: false, reason: null };
  try {
    const { outcome, namespace } = await app.get(ChangeSettings).run(CALLER, request, PLAIN_TERMS);
    if (namespace?.name !== name) tally.wrong.push(`wrote ${name}: recorded for ${namespace?.name ?? 'the host'}`);
    if (outcome === 'applied') tally.writes++;
    else tally.gone++;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    tally.gone++;
  }
}

/** What the namespaces have that live now, read without the service. */
async function audit(tally: Tally, written: ReadonlyMap<number, string>, names: readonly string[]): Promise<void> {
  const found = await run('sh', [
    '-c',
    `for name in ${names.join(' ')}; do ip netns exec "$name" sh -c 'echo $1 $(cat /proc/sys/net/netfilter/nf_conntrack_${IDENTIFIES}) $(cat /proc/sys/net/netfilter/nf_conntrack_${IS_WRITTEN})' sh "$name"; done`,
  ]);
  for (const line of found.trim().split('\n')) {
    const [name = '', mark, value] = line.split(' ');
    if (living.get(name)?.mark !== Number(mark)) tally.wrong.push(`${name} has the mark ${mark ?? ''}`);
    const owner = written.get(Number(value));
    if (owner !== undefined && owner !== name) tally.wrong.push(`${name} has ${value ?? ''}, which was written to ${owner}`);
    if (owner === undefined && Number(value) !== onHost.get(IS_WRITTEN)) tally.wrong.push(`${name} has ${value ?? ''}, which nobody wrote`);
  }
}

describe(`${String(NAMESPACES)} network namespaces, created and deleted while they are read and written`, () => {
  it('are never mistaken for one another: no read and no write reaches the wrong one', { timeout: 900_000 }, async () => {
    const tally: Tally = { reads: 0, writes: 0, gone: 0, wrong: [] };
    const written = new Map<number, string>();
    const churn = { isOver: false };
    const readers = Array.from({ length: READERS }, async () => {
      while (!churn.isOver) await readOne(tally);
    });
    const writer = (async () => {
      for (let value = MARK.firstOfWrites; !churn.isOver; value++) await writeOne(tally, value, written);
    })();
    for (let life = 0; life < LIVES || tally.writes <= FEWEST_WRITES; life++) {
      for (const batch of batches) {
        await remove(batch.map(nameOf).filter((name) => living.has(name)));
        await create(batch.map((index) => lifeOf(index, life)));
      }
    }
    await sleep(2_000);
    churn.isOver = true;
    await Promise.all([...readers, writer]);

    for (const batch of batches) await audit(tally, written, batch.map(nameOf));
    expect(tally.wrong).toEqual([]);
    expect(tally.reads).toBeGreaterThan(NAMESPACES);
    expect(tally.writes).toBeGreaterThan(FEWEST_WRITES);
    expect(tally.gone).toBeGreaterThan(0);
    for (const [name, value] of onHost) expect({ name, value: await host.readSysctl(name) }).toEqual({ name, value });
    const journal = app.get(Journal);
    expect(journal.pending()).toEqual([]);
    expect((await journal.verify()).broken).toBeUndefined();
    expect(journal.list({ outcome: 'restore-failed' }, 1)).toEqual([]);
  });
});
