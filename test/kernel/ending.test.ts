import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { SERVICE_PORT } from './support/network-namespace.ts';
import {
  connect,
  createRoutedNetwork,
  endConnections,
  filterOf,
  stopEnds,
  V4,
  V6,
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

describe.each([1, 0])('forwarded connections, with tcp_loose %s', (loose) => {
  beforeAll(() => router.writeSysctl('tcp_loose', loose));

  it.each([
    ['IPv4', V4, [V4.server, 9000]],
    ['IPv6', V6, [V6.server, 9001]],
    ['IPv4 with both kinds of NAT', V4, [V4.router, 80]],
  ] as const)('of TCP over %s: both ends get a reset for their next packet, and a neighbour stays', async (_, family, dialled) => {
    const port = dialled[1] === 80 ? 8080 : dialled[1];
    const from = [client, family.client] as const;
    const to = [server, family.server] as const;
    const ended = await connect('tcp', from, to, port, dialled);
    const kept = await connect('tcp', from, to, port + 1);
    const { deletion } = await end({ filter: filterOf(ended), expectedCount: 1 });
    expect(deletion).toMatchObject({ deletedCount: 1, goneCount: 0, skippedCount: 0, destroyedSockets: 0, blockSeconds: 60 });
    expect(WITHOUT_CONNECTION).toContain(await ended.client.send());
    expect(WITHOUT_CONNECTION).toContain(await ended.server.send());
    expect([await kept.client.send(), await kept.server.send()]).toEqual(['open', 'open']);
    expect(await router.run('conntrack', ['-L', '-p', 'tcp', '--orig-port-src', String(ended.clientPort)])).toBe('');
  });

  it('would go on if only their entries were deleted, unless mid-stream packets are refused', async () => {
    const { client: one, ...pair } = await connect('tcp', [client, V4.client], [server, V4.server], 9004);
    await service.request('POST', '/entries/delete', { body: { filter: `sourcePort=${pair.clientPort}`, expectedCount: 1 } });
    expect(await one.send()).toBe('open');
  });
});

describe.each([1, 0])('a flow of UDP, with tcp_loose %s', (loose) => {
  beforeAll(() => router.writeSysctl('tcp_loose', loose));

  it.each([
    ['IPv4', V4],
    ['IPv6', V6],
  ] as const)('over %s: its packets no longer arrive, and those of a neighbour do', async (_, family) => {
    const ended = await connect('udp', [client, family.client], [server, family.server], 9010);
    const kept = await connect('udp', [client, family.client], [server, family.server], 9011);
    const before = [await ended.server.received(), await ended.client.received()];
    await end({ filter: filterOf(ended), expectedCount: 1 });
    await ended.client.send();
    await ended.server.send();
    expect([await ended.server.received(), await ended.client.received()]).toEqual(before);
    const first = await kept.server.received();
    await kept.client.send();
    expect(Number(await kept.server.received())).toBe(Number(first) + 1);
  });
});

describe.each([1, 0])('connections of this host, with tcp_loose %s', (loose) => {
  beforeAll(() => router.writeSysctl('tcp_loose', loose));

  it.each([
    ['IPv4', '192.0.2.1', '192.0.2.2'],
    ['IPv6', '2001:db8::1', '2001:db8::2'],
  ])('over %s: both sockets are destroyed at once, and the listening socket stays', async (_, source, destination) => {
    const ended = await connect('tcp', [router, source], [router, destination], 9020);
    const { deletion } = await end({ filter: filterOf(ended), expectedCount: 1 });
    expect(deletion).toMatchObject({ deletedCount: 1, goneCount: 0 });
    // The reset of the first can reach the second before it is destroyed.
    expect(deletion['destroyedSockets']).toBeGreaterThanOrEqual(1);
    for (const each of [ended.client, ended.server]) expect(['ECONNABORTED', ...WITHOUT_CONNECTION]).toContain(await each.send());
    expect(await router.run('ss', ['-Htln', 'sport', '=', '9020'])).toContain(':9020');
  });

  it('to another host: the socket is destroyed, and the other end gets a reset', async () => {
    const ended = await connect('tcp', [router, V4.router], [client, V4.client], 9021);
    expect((await end({ filter: filterOf(ended), expectedCount: 1 })).deletion).toMatchObject({ destroyedSockets: 1 });
    expect(WITHOUT_CONNECTION).toContain(await ended.server.send());
  });

  it('of which the entry outlived the sockets: the socket that listens on the port stays', async () => {
    const ended = await connect('tcp', [router, '192.0.2.1'], [router, '192.0.2.2'], 9022);
    await ended.client.stop();
    await router.run('ss', ['-K', 'dport', '=', '9022']);
    const { deletion } = await end({ filter: filterOf(ended), expectedCount: 1 });
    expect(deletion).toMatchObject({ deletedCount: 1, destroyedSockets: 0 });
    expect(await router.run('ss', ['-Htln', 'sport', '=', '9022'])).toContain(':9022');
  });
});

describe('blocks', () => {
  it('are listed, removed by change as a recorded change, and gone after their timeout and a stop', async () => {
    const one = await connect('tcp', [client, V4.client], [server, V4.server], 9030);
    const two = await connect('tcp', [client, V4.client], [server, V4.server], 9031);
    const first = await end({ filter: filterOf(one), expectedCount: 1, blockSeconds: 300 });
    const second = await end({ filter: filterOf(two), expectedCount: 1, blockSeconds: 1 });
    const list = async (): Promise<readonly { readonly change: number }[]> => {
      const { body } = await service.request<{ blocks: readonly { change: number }[] }>('GET', '/blocks');
      return body.blocks.filter(({ change }) => change >= first.id);
    };
    expect(await list()).toMatchObject([
      { change: second.id, count: 1 },
      {
        change: first.id,
        count: 1,
        connections: [{ protocol: 'tcp', source: V4.client, sourcePort: one.clientPort, destination: V4.server, destinationPort: 9030 }],
      },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await list()).toMatchObject([{ change: first.id }]);
    const removed = await service.request<{ kind: string; relatesTo: number }>('DELETE', `/blocks/${first.id}`);
    expect(removed).toMatchObject({ status: 200, body: { kind: 'unblock', relatesTo: first.id, outcome: 'applied' } });
    expect(await list()).toEqual([]);
    expect(await service.request<ProblemAnswer>('DELETE', `/blocks/${first.id}`)).toMatchObject({ body: { code: 'BLOCK_NOT_FOUND' } });

    const three = await connect('tcp', [client, V4.client], [server, V4.server], 9032);
    await end({ filter: filterOf(three), expectedCount: 1 });
    expect(await router.run('nft', ['list tables'])).toContain('inet conntrack_api_blocks');
    await service.stop();
    expect(await router.run('nft', ['list tables'])).not.toContain('conntrack_api_blocks');
    expect(await router.run('nft', ['list set inet other kept'])).toContain('192.0.2.77');
    service = await Service.start(router, home, await home.createToken(), SERVICE_PORT);
  });
});

it('leaves out the connection of the request, unless it is acknowledged', async () => {
  await router.run('nft', ['delete table inet ct_test']);
  await router.run('nft', ['add table inet tracking { chain every { type filter hook input priority 0; ct state new accept; }; }']);
  const filter = `destinationPort=${SERVICE_PORT} and state=ESTABLISHED`;
  const plan = await service.request<{ matchedCount: number }>('POST', '/entries/end', { body: { filter, dryRun: true } });
  expect(plan.body.matchedCount).toBe(0);
  expect((await end({ filter, expectedCount: 0 })).deletion).toMatchObject({ deletedCount: 0 });
  const acknowledged = service.request('POST', '/entries/end', { body: { filter, expectedCount: 1, acknowledge: ['OWN_CONNECTION'] } });
  await expect(acknowledged).rejects.toThrow(/curl: \((52|56)\)/);
});
