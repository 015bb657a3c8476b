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

/** Asks for a resize and kills the service as soon as its intent is on record, which is while the kernel rebuilds the table. */
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

async function whatTheNextStartSays(): Promise<ChangeAnswer> {
  const service = await Service.start(host, home, token);
  try {
    const newest = await newestChange(service);
    if (!newest) throw new Error('Expected a recorded change, found an empty journal.');
    return newest;
  } finally {
    await service.stop();
  }
}

it('records, when killed in the middle of a resize, what the next start sees, and keeps a journal that verifies', async () => {
  const outcomes: string[] = [];
  for (let round = 0; round < ROUNDS && !outcomes.some((outcome) => outcome.startsWith('observed-')); round += 1) {
    await killWhileResizing(round % 2 === 0 ? 65_536 : 131_072);
    const found = await whatTheNextStartSays();
    // Whatever moment it died in: never a change that is not on record, never a record that the kernel contradicts.
    expect(found.settings).toMatchObject([{ name: 'buckets', after: await host.readSysctl('buckets') }]);
    expect(['applied', 'recovered-applied', 'recovered-unchanged']).toContain(found.outcome);
    outcomes.push(found.outcome);
  }
  expect(outcomes.at(-1)).toMatch(/^observed-/);
  await expect(home.commandLine('journal', 'verify')).resolves.toBeDefined();
});

it('starts again on the data of a service that was killed while idle, with every token and change', async () => {
  const first = await Service.start(host, home, token);
  const { body: done } = await first.request<ChangeAnswer>('PATCH', '/settings', {
    body: { settings: { buckets: 49_152 }, reason: 'kept', acknowledge: ['CHAIN_LENGTH'] },
  });
  await first.kill();
  expect(await whatTheNextStartSays()).toMatchObject({ id: done.id, outcome: 'applied', reason: 'kept' });
});
