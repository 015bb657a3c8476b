import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SpawnedService } from './spawned-service.ts';

let service: SpawnedService;
let api: URL;
let secret: string;

beforeEach(async () => {
  service = await SpawnedService.prepare();
});
afterEach(() => service.remove());

async function start(descriptors = 1_024): Promise<void> {
  service.startUnder(descriptors, '--first-token', '--rate-limit', '0');
  api = new URL(await service.untilSaid(/API +(http:\S+)/));
  secret = await service.untilSaid(/admin token +(\S+)/);
}

/** Sets the soft limit of the running service. */
function limitDescriptors(count: number): void {
  execFileSync('prlimit', ['--pid', String(service.pid), `--nofile=${String(count)}:`]);
}
const openDescriptors = (): readonly number[] => readdirSync(`/proc/${String(service.pid)}/fd`).map(Number);

/** The next descriptor. With this as the limit, no file can be opened. */
function firstFree(): number {
  const open = new Set(openDescriptors());
  let next = 0;
  while (open.has(next)) next += 1;
  return next;
}

/** Of several readings: the service has files open for a moment now and then. */
async function lowestFree(): Promise<number> {
  let lowest = firstFree();
  for (let reading = 0; reading < 30; reading += 1) {
    await sleep(10);
    lowest = Math.min(lowest, firstFree());
  }
  return lowest;
}

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly errno?: string; readonly remedy?: string };
}

function get(path: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent, headers: { authorization: `Bearer ${secret}` } };
    const sent = request(new URL(`${api.pathname}${path}`, api), options, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] });
      });
    });
    sent.once('error', reject).end();
  });
}

it.each(['/settings', '/boot', '/table', '/capabilities'])(
  'without a free file descriptor, %s responds with RESOURCES_EXHAUSTED and not with a fault of the file, and recovers',
  async (path) => {
    await start();
    const agent = new Agent({ keepAlive: true });
    expect((await get('/whoami', agent)).status).toBe(200);
    // Repeated, because a thread of the service that ends meanwhile frees descriptors.
    await expect
      .poll(
        async () => {
          limitDescriptors(await lowestFree());
          const { status, body } = await get(path, agent);
          limitDescriptors(1_024);
          return { status, ...body };
        },
        { timeout: 15_000 },
      )
      .toMatchObject({
        status: 503,
        code: 'RESOURCES_EXHAUSTED',
        errno: 'EMFILE',
        remedy: expect.stringContaining('LimitNOFILE=') as unknown,
      });
    await expect.poll(async () => (await get(path, agent)).status, { timeout: 5_000 }).toBe(200);
    agent.destroy();
  },
);

it('with a low limit, idle connections are closed for new clients', async () => {
  await start(64);
  const agents: Agent[] = [];
  for (let client = 0; client < 60; client += 1) {
    const agent = new Agent({ keepAlive: true });
    agents.push(agent);
    expect((await get('/table', agent)).status).toBe(200);
  }
  const open = agents.filter(({ freeSockets }) => Object.keys(freeSockets).length > 0);
  expect(open.length).toBeLessThan(30);
  expect(openDescriptors().length).toBeLessThanOrEqual(64);
  for (const agent of agents) agent.destroy();
});
