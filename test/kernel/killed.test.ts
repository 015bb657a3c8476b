import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ChangeAnswer, ChangesAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { host } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

const ROUNDS = 10;

let home: Home;
let token: string;
let buckets: number;

beforeAll(async () => {
  home = await Home.create();
  token = await home.createToken();
});

afterAll(async () => {
  await home.remove();
});

beforeEach(async () => {
  buckets = await host.readSysctl('buckets');
});

afterEach(async () => {
  await host.writeSysctl('buckets', buckets);
});

async function newestChange(service: Service): Promise<ChangeAnswer | undefined> {
  const { body } = await service.request<ChangesAnswer>('GET', '/changes?limit=1');
  return body.items[0];
}

/** Requests a resize and kills the service once the intent is in the journal, while the kernel rebuilds the hash table. */
async function killWhileResizing(requested: number): Promise<void> {
  const service = await Service.start(host, home, token);
  try {
    const last = (await newestChange(service))?.id;
    void service.request('PATCH', '/settings', { body: { settings: { buckets: requested } } }).catch(() => undefined);
    while ((await newestChange(service))?.id === last);
  } finally {
    await service.kill();
  }
}

async function changeAfterRestart(): Promise<ChangeAnswer> {
  const service = await Service.start(host, home, token);
  try {
    const newest = await newestChange(service);
    if (!newest) throw new Error('Expected a recorded change, found an empty journal.');
    return newest;
  } finally {
    await service.stop();
  }
}

it('records the found state at the next start after a kill during a resize, and keeps a journal that verifies', async () => {
  const outcomes: string[] = [];
  for (let round = 0; round < ROUNDS && !outcomes.some((outcome) => outcome.startsWith('recovered-')); round += 1) {
    await killWhileResizing(round % 2 === 0 ? 65_536 : 131_072);
    const found = await changeAfterRestart();
    // Whenever it is killed: no change is missing from the journal, and no record contradicts the kernel.
    expect(found.settings).toMatchObject([{ name: 'buckets', after: await host.readSysctl('buckets') }]);
    expect(['applied', 'recovered-applied', 'recovered-unchanged']).toContain(found.outcome);
    outcomes.push(found.outcome);
  }
  expect(outcomes.at(-1)).toMatch(/^recovered-/);
  await expect(home.commandLine('journal', 'verify')).resolves.toBeDefined();
});

it('restarts with every token and change after a kill while idle', async () => {
  const first = await Service.start(host, home, token);
  const { body: done } = await first.request<ChangeAnswer>('PATCH', '/settings', {
    body: { settings: { buckets: 49_152 }, reason: 'kept', acknowledge: ['CHAIN_LENGTH'] },
  });
  await first.kill();
  expect(await changeAfterRestart()).toMatchObject({ id: done.id, outcome: 'applied', reason: 'kept' });
});
