import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Home, type Place } from './support/home.ts';
import { fillTable } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

/** Not SERVICE_PORT, which the namespace exempts. */
const TRACKED_PORT = 8_481;
const UNTRACKED_PORT = 8_482;
const OTHER_PORT = 8_483;
/** Of the namespace, on a link to another one. */
const ADDRESS = '198.51.100.9';
const LINK = 'veth-full';
const UNTRACKED_FLAGS = ['--untracked', '--host', '::', '--behind-tls-proxy', '--allowed-hosts', ADDRESS];
const TIMEOUT = 'curl: (28)';

let home: Home;
let socketHome: Home;
let namespace: NetworkNamespace;
let neighbour: NetworkNamespace;
/** Tracked, and on a unix socket. */
let tracked: Service;
let untracked: Service;

const startUntracked = async (port = UNTRACKED_PORT, place: Place = namespace): Promise<Service> =>
  Service.start(place, home, await home.createToken(), port, UNTRACKED_FLAGS);

beforeAll(async () => {
  home = await Home.create();
  socketHome = await Home.create();
  namespace = await NetworkNamespace.create('full');
  neighbour = await NetworkNamespace.create('neighbour');
  await link();
  const socket = ['--socket', join(socketHome.directory, 'api.sock')];
  tracked = await Service.start(namespace, socketHome, await socketHome.createToken(), TRACKED_PORT, socket);
  untracked = await startUntracked();
});
afterAll(async () => {
  await tracked.stop();
  await untracked.stop();
  await namespace.delete();
  await neighbour.delete();
  await home.remove();
  await socketHome.remove();
});

async function link(): Promise<void> {
  await namespace.run('ip', ['link', 'add', LINK, 'type', 'veth', 'peer', 'name', LINK, 'netns', neighbour.name]);
  await namespace.run('ip', ['address', 'add', `${ADDRESS}/24`, 'dev', LINK]);
  await neighbour.run('ip', ['address', 'add', '198.51.100.10/24', 'dev', LINK]);
  for (const each of [namespace, neighbour]) await each.run('ip', ['link', 'set', LINK, 'up']);
}

/** The status of the liveness probe. @throws Error if there is no response within 3 s */
function probe(place: NetworkNamespace, url: string, ...options: readonly string[]): Promise<string> {
  const quiet = ['--silent', '--show-error', '--output', '/dev/null', '--write-out', '%{http_code}'];
  return place.run('curl', [...quiet, '--globoff', '--max-time', '3', ...options, `${url}/healthz`]);
}

/** Of the namespace and of this service: `inet conntrack_api_…`. */
async function tables(): Promise<readonly string[]> {
  const listed = (await namespace.run('nft', ['list', 'tables'])).split('\n');
  return listed.filter((line) => line.includes('conntrack_api_')).map((line) => line.replace('table ', ''));
}

const tableOf = (port: number): string => `inet conntrack_api_${port}`;

async function capability(): Promise<unknown> {
  const { body } = await untracked.request<{ readonly capabilities: readonly { readonly name: string }[] }>('GET', '/capabilities');
  return body.capabilities.find(({ name }) => name === 'untracked');
}

const TRACKED_URL = `http://127.0.0.1:${TRACKED_PORT}`;
const UNTRACKED_URL = `http://${ADDRESS}:${UNTRACKED_PORT}`;

describe('while the table is full of assured entries', () => {
  beforeAll(async () => {
    expect(await probe(namespace, TRACKED_URL)).toBe('200');
    await fillTable(namespace);
  });

  it('the unix socket responds', async () => {
    const socket = join(socketHome.directory, 'api.sock');
    expect(await probe(namespace, 'http://localhost', '--unix-socket', socket)).toBe('200');
  });

  it.each(['127.0.0.1', '[::1]', '192.0.2.1'])('an untracked port responds at %s', async (address) => {
    expect(await probe(namespace, `http://${address}:${UNTRACKED_PORT}`)).toBe('200');
  });

  it('an untracked port responds to another host', async () => {
    expect(await probe(neighbour, UNTRACKED_URL)).toBe('200');
  });

  it('a tracked port does not respond', async () => {
    await expect(probe(namespace, TRACKED_URL)).rejects.toThrow(TIMEOUT);
  });
});

describe('a firewall that accepts new and established connections', () => {
  it('drops those to an untracked port, unless it accepts untracked ones', async () => {
    const rules = `ct state established,related accept; tcp dport ${UNTRACKED_PORT} ct state new accept;`;
    await namespace.run('nft', [`table inet firewall { chain input { type filter hook input priority 0; policy drop; ${rules} }; }`]);
    await expect(probe(neighbour, UNTRACKED_URL)).rejects.toThrow(TIMEOUT);
    await namespace.run('nft', [`add rule inet firewall input tcp dport ${UNTRACKED_PORT} ct state untracked accept`]);
    expect(await probe(neighbour, UNTRACKED_URL)).toBe('200');
    await namespace.run('nft', ['delete table inet firewall']);
  });
});

describe('the nftables table of an untracked port', () => {
  it('is in the capabilities', async () => {
    expect(await capability()).toEqual({ name: 'untracked', available: true, via: `nftables table ${tableOf(UNTRACKED_PORT)}` });
  });

  it.each([
    ['deleted it', `delete table ${tableOf(UNTRACKED_PORT)}`],
    ['changed it', `flush chain ${tableOf(UNTRACKED_PORT)} output`],
  ])('is restored after another program %s, beside the tables of others', async (_, command) => {
    const ruleset = (): Promise<string> => namespace.run('nft', ['list', 'ruleset']);
    const before = await ruleset();
    await namespace.run('nft', [command]);
    expect(await ruleset()).not.toBe(before);
    await vi.waitUntil(async () => (await ruleset()) === before, { timeout: 30_000, interval: 250 });
  });

  it('is replaced after the service was killed', async () => {
    await untracked.kill();
    expect(await tables()).toEqual([tableOf(UNTRACKED_PORT)]);
    untracked = await startUntracked();
    expect(await tables()).toEqual([tableOf(UNTRACKED_PORT)]);
    expect(await probe(neighbour, UNTRACKED_URL)).toBe('200');
  });

  it('is removed by a service on another port if nothing listens on its own', async () => {
    await untracked.kill();
    untracked = await startUntracked(OTHER_PORT);
    expect(await tables()).toEqual([tableOf(OTHER_PORT)]);
  });

  it('is removed when the service stops', async () => {
    expect(await untracked.stop()).toBe(0);
    expect(await tables()).toEqual([]);
  });

  it('is missing without CAP_NET_ADMIN, with the reason', async () => {
    await namespace.run('conntrack', ['--flush']);
    const unprivileged = { prefix: [...namespace.prefix, 'setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin'] };
    untracked = await startUntracked(UNTRACKED_PORT, unprivileged);
    expect(await capability()).toEqual({
      name: 'untracked',
      available: false,
      reason: expect.stringMatching(/EPERM/) as string,
      remedy: expect.stringContaining('CAP_NET_ADMIN') as string,
    });
    expect(await tables()).toEqual([]);
  });
});
