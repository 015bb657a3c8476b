/**
 * Kills the service and a receiver of webhooks at random moments while settings are changed, restarts them, and compares the events that the
 * receiver stored with the journal. The receiver is a Python program that verifies each signature with the code of docs/webhooks.md. Exits with
 * code 1 if an event is missing, out of order or has a wrong signature. Needs no root: the service reads a recorded kernel tree.
 *
 *     node test/reliability/webhooks.ts [--kills N] [--seed N] [--dist DIR]
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyKernelTree } from '../support/kernel-tree.ts';
import { Random } from './clients/random.ts';
import { scratchDirectory } from './support/scratch.ts';
import { freePort, Receiver, Sender } from './webhooks/processes.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    dist: { type: 'string', default: 'dist' },
  },
});

/** A killed process stays away for at most this long. */
const ABSENCE_MILLISECONDS = 400;
const CHANGES_BETWEEN_KILLS = 12;
const UDP_TIMEOUT = 'proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const CATCH_UP_MILLISECONDS = 120_000;

const random = new Random(Number(values.seed));
const directory = scratchDirectory('webhooks');
const tree = await copyKernelTree('nf_conntrack');
process.once('exit', () => {
  void receiver.kill();
  void sender.kill();
});

const log = join(directory, 'received');
const receiver = new Receiver(await freePort(), log);
const sender = new Sender(join(resolve(values.dist), 'main.js'), tree.root, join(directory, 'data'), await freePort());
await sender.start();
const webhook = await sender.request('POST', '/webhooks', { url: receiver.url });
receiver.start(webhook['secret'] as string);

const started = performance.now();
const killed = { sender: 0, receiver: 0 };
let acknowledged = 0;
let udpTimeout = 30;
for (let kill = 0; kill < Number(values.kills); kill += 1) {
  const changes = random.below(CHANGES_BETWEEN_KILLS);
  for (let each = 0; each < changes; each += 1) await change();
  // A change that is in flight when the service is killed is settled by the next start.
  const inFlight = random.chance(50) ? change().catch(() => undefined) : undefined;
  await sleep(random.below(30));
  if (random.chance(50)) {
    killed.sender += 1;
    await sender.kill();
    await inFlight;
    await repairTree();
    await sleep(random.below(ABSENCE_MILLISECONDS));
    await sender.start();
  } else {
    killed.receiver += 1;
    await receiver.kill();
    await inFlight;
    await sleep(random.below(ABSENCE_MILLISECONDS));
    receiver.start(webhook['secret'] as string);
  }
  // Otherwise a receiver that failed often would wait for minutes.
  await sender.request('POST', `/webhooks/${String(webhook['id'])}/resume`);
}
await change();
await catchUp();
await report();
await Promise.all([sender.kill(), receiver.kill()]);
await tree.remove();

/** A kill between truncating and writing leaves an empty file, which a real kernel does not have. */
async function repairTree(): Promise<void> {
  if ((await tree.read(UDP_TIMEOUT)) === '') await tree.write(UDP_TIMEOUT, '30\n');
}

async function change(): Promise<void> {
  udpTimeout = udpTimeout === 30 ? 31 : 30;
  await sender.request('PATCH', '/settings', { settings: { udp_timeout: udpTimeout } });
  acknowledged += 1;
}

async function newestChange(): Promise<number> {
  const { items } = await sender.request('GET', '/changes?limit=1');
  return (items as readonly { readonly id: number }[])[0]?.id ?? 0;
}

async function catchUp(): Promise<void> {
  const newest = await newestChange();
  const deadline = Date.now() + CATCH_UP_MILLISECONDS;
  while (Date.now() < deadline) {
    const { lastChange } = await sender.request('POST', `/webhooks/${String(webhook['id'])}/resume`);
    if (lastChange === newest) return;
    await sleep(50);
  }
}

async function report(): Promise<void> {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const wrong = lines.filter((line) => line.startsWith('wrong '));
  const firsts = [...new Set(lines.filter((line) => / changes\/\d+$/.test(line)))];
  const ids = firsts.map((line) => Number(line.split('/').at(-1)));
  const newest = await newestChange();
  const expected = Array.from({ length: newest }, (_, index) => index + 1);
  const lost = expected.filter((id) => !ids.includes(id));
  const disordered = ids.filter((id, index) => index > 0 && id < (ids[index - 1] ?? 0));
  const ambiguous = ids.length - new Set(ids).size;
  const repeated = lines.length - wrong.length - new Set(lines).size;
  process.stdout.write(
    `seed ${values.seed}: ${String(killed.sender)} kills of the service and ${String(killed.receiver)} of the receiver in ${((performance.now() - started) / 1_000).toFixed(0)} s, ` +
      `${String(newest)} changes (${String(acknowledged)} acknowledged), ${String(lines.length)} requests stored\n` +
      `events lost ${String(lost.length)}, out of order ${String(disordered.length)}, with several ids ${String(ambiguous)}, wrong signatures ${String(wrong.length)}, repeated ${String(repeated)}\n`,
  );
  for (const problem of [...lost.map((id) => `lost: change ${String(id)}`), ...wrong]) process.stdout.write(`  ${problem}\n`);
  if (lost.length + disordered.length + ambiguous + wrong.length > 0 || newest < acknowledged) process.exitCode = 1;
}
