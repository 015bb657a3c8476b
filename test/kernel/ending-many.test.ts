import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Home } from './support/home.ts';
import { SERVICE_PORT } from './support/network-namespace.ts';
import {
  connect,
  createRoutedNetwork,
  endConnections,
  filterOf,
  stopEnds,
  V4,
  WITHOUT_CONNECTION,
  type RoutedNetwork,
} from './support/routed-network.ts';
import { Service } from './support/service.ts';

let network: RoutedNetwork;
let router: RoutedNetwork['router'];
let client: RoutedNetwork['client'];
let server: RoutedNetwork['server'];
let home: Home;
let service: Service;

const end = (body: object): ReturnType<typeof endConnections> => endConnections(service, body);

beforeAll(async () => {
  network = await createRoutedNetwork();
  ({ router, client, server } = network);
  home = await Home.create();
  service = await Service.start(router, home, await home.createToken(), SERVICE_PORT);
});

afterEach(async () => {
  await stopEnds();
  await router.run('conntrack', ['-F']);
});

afterAll(async () => {
  await service.stop();
  for (const each of Object.values(network) as readonly (typeof router)[]) await each.delete();
  await home.remove();
});

const FACTORY = join(import.meta.dirname, '../support/entry-factory-process.ts');
const NEIGHBOURS = 10_000;
/** Of the made entries, and of no other. */
const MADE = 'timeout>=19000 and timeout<=100000';

const make = (): Promise<string> => router.run(process.execPath, [FACTORY, 'create', '--first', '0', '--count', String(NEIGHBOURS)]);

async function idsOf(filter: string): Promise<readonly string[]> {
  const { text } = await service.request('GET', `/entries?filter=${encodeURIComponent(filter)}`, { accept: 'application/x-ndjson' });
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { id?: string }).id ?? '').filter((id) => id !== '');
}

it('ends one of 10,000 neighbours, by its id, and every other remains', async () => {
  const ended = await connect('tcp', [client, V4.client], [server, V4.server], 9040);
  await make();
  const before = await idsOf(MADE);
  expect(before).toHaveLength(NEIGHBOURS);
  const [entry] = await idsOf(filterOf(ended));
  expect((await end({ entry })).deletion).toMatchObject({ deletedCount: 1 });
  expect(WITHOUT_CONNECTION).toContain(await ended.client.send());
  expect((await idsOf(MADE)).toSorted()).toEqual(before.toSorted());
});

interface BlockedChange {
  readonly change: number;
  readonly count: number;
}
const blocksOf = async (change: number): Promise<number> => {
  const { body } = await service.request<{ blocks: readonly BlockedChange[] }>('GET', '/blocks');
  return body.blocks.find((block) => block.change === change)?.count ?? 0;
};

describe('10,000 connections', () => {
  it('end at once, without those of a zone, beside another request; their blocks are removed at once', async () => {
    await make();
    const inZone = await idsOf(`${MADE} and zone>0`);
    expect(inZone.length).toBeGreaterThan(0);
    const one = await connect('tcp', [client, V4.client], [server, V4.server], 9050);
    const [{ id, deletion }, other] = await Promise.all([
      end({ filter: MADE, expectedCount: NEIGHBOURS }),
      end({ filter: filterOf(one), expectedCount: 1 }),
    ]);
    expect(deletion).toMatchObject({ deletedCount: NEIGHBOURS - inZone.length, skippedCount: inZone.length });
    expect((await idsOf(MADE)).toSorted()).toEqual(inZone.toSorted());
    expect([await blocksOf(id), await blocksOf(other.id)]).toEqual([NEIGHBOURS - inZone.length, 1]);
    expect(await service.request('DELETE', `/blocks/${id}`)).toMatchObject({ body: { outcome: 'applied' } });
    expect([await blocksOf(id), await blocksOf(other.id)]).toEqual([0, 1]);
  });

  it.each(['/entries/end', '/blocks'])(
    'of which a kill interrupts %s: the record says so, and what is blocked can be removed',
    async (what) => {
      await make();
      let { id } = what === '/blocks' ? await end({ filter: MADE, expectedCount: NEIGHBOURS }) : { id: 0 };
      const newest = async (): Promise<{ id: number; outcome: string; kind: string }> => {
        const { body } = await service.request<{ items: { id: number; outcome: string; kind: string }[] }>('GET', '/changes?limit=1');
        return body.items[0] ?? { id: 0, outcome: '', kind: '' };
      };
      const last = (await newest()).id;
      const request =
        what === '/blocks'
          ? service.request('DELETE', `/blocks/${id}`)
          : service.request('POST', what, { body: { filter: MADE, expectedCount: NEIGHBOURS } });
      void request.catch(() => undefined);
      while ((await newest()).id === last);
      await service.kill();
      service = await Service.start(router, home, await home.createToken(), SERVICE_PORT);
      const { outcome, ...change } = await newest();
      if (what === '/entries/end') {
        ({ id } = change);
        expect(['applied', 'diverged']).toContain(outcome);
        // A batch can be blocked and not yet deleted.
        const [blocked, left] = [await blocksOf(id), (await idsOf(MADE)).length];
        expect(blocked + left).toBeGreaterThanOrEqual(NEIGHBOURS);
        expect(blocked + left).toBeLessThanOrEqual(NEIGHBOURS + 128);
      } else {
        expect(['applied', 'recovered-unchanged', 'recovered-applied']).toContain(outcome);
        expect((await blocksOf(id)) === 0).toBe(outcome !== 'recovered-unchanged');
      }
      if ((await blocksOf(id)) > 0) await service.request('DELETE', `/blocks/${id}`);
      expect(await blocksOf(id)).toBe(0);
      await expect(home.commandLine('journal', 'verify')).resolves.toBeDefined();
    },
  );
});
