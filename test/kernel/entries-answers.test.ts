import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import type { EntriesAnswer, ProblemAnswer } from './support/answers.ts';
import { curl, type RawAnswer, type RawRequest } from './support/curl.ts';
import { Home } from './support/home.ts';
import { deleteEntries, makeEntries } from './support/made-entries.ts';
import { NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

/** More than fits into all buffers between the kernel and a client that does not read. */
const COUNT = 40_000;
const NETLINK_NETFILTER = '12';

let namespace: NetworkNamespace;
let home: Home;
let service: Service;
let token: string;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('answers');
  home = await Home.create();
  token = await home.createToken();
  service = await Service.start(namespace, home, token, SERVICE_PORT);
  await makeEntries(namespace, COUNT);
});

afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
});

function get(path: string, request: Partial<RawRequest> = {}): Promise<RawAnswer> {
  return curl(namespace, home, { url: `${service.url}/api/v1${path}`, token, ...request });
}

describe('the number of entries', () => {
  it.each(['', '?protocol=tcp&destinationPort=22', '?filter=family%3Dipv6'])(
    'is the same for HEAD, count=true and a stream (%s)',
    async (query) => {
      const head = await get(`/entries${query}`, { head: true });
      const count = await service.request<EntriesAnswer>('GET', `/entries${query}${query === '' ? '?' : '&'}count=true`);
      const lines = (await get(`/entries${query}`, { headers: { accept: 'application/x-ndjson' } })).bytes.toString().trimEnd().split('\n');
      expect(lines.length - 1).toBeGreaterThan(100);
      expect([head.status, head.headers.get('conntrack-entries'), head.headers.get('conntrack-dump-outcome')]).toEqual([
        200,
        String(lines.length - 1),
        'complete',
      ]);
      expect(count.body).toMatchObject({ items: [], summary: { outcome: 'complete', entries: lines.length - 1, source: 'ctnetlink' } });
    },
  );
});

describe('a compressed response', () => {
  it.each([
    ['gzip', gunzipSync],
    ['zstd', zstdDecompressSync],
  ])('with %s contains the same entries, in a fraction of the bytes', async (encoding, decompress) => {
    const query = '/entries?filter=protocol%3Dudp';
    const accept = 'application/x-ndjson';
    const packed = await get(query, { headers: { accept, 'accept-encoding': encoding } });
    const plain = await get(query, { headers: { accept } });
    expect(packed.headers.get('content-encoding')).toBe(encoding);
    expect(plain.headers.has('content-encoding')).toBe(false);
    const ids = (bytes: Buffer): string[] => [...bytes.toString().matchAll(/^\{"id":"([^"]+)"/gm)].map((match) => match[1] ?? '').sort();
    expect(ids(decompress(packed.bytes))).toEqual(ids(plain.bytes));
    expect(decompress(packed.bytes).toString()).toMatch(/\n\{"trailer":\{"outcome":"complete".*\}\}\n$/);
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 3);
  });
});

describe('one entry', () => {
  const FLOW = ['-p', 'udp', '-s', '10.8.8.1', '-d', '10.8.8.2', '--sport', '7', '--dport', '8'];
  const insert = (): Promise<string> => namespace.run('conntrack', ['-I', ...FLOW, '-t', '3600']);
  const listed = async (): Promise<Entry> => {
    const { body } = await service.request<EntriesAnswer>('GET', '/entries?source=10.8.8.1');
    return body.items[0] as Entry;
  };

  /** Replaces the flow by one with the same tuple at another address in memory, from which the kernel derives its id. Returns the first id. */
  async function replaced(): Promise<string> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const { id } = await listed();
      await deleteEntries(namespace, FLOW);
      await makeEntries(namespace, 200, COUNT + 200 * attempt);
      await insert();
      if ((await listed()).id !== id) return id;
    }
    throw new Error('Each later flow got the same address in memory.');
  }

  it('is found by its id while it exists', async () => {
    await insert();
    const entry = await listed();
    const { status, body } = await service.request<Entry>('GET', `/entries/${entry.id}`);
    // Seconds pass, and the lookup holds a reference to the entry.
    const { timeoutSeconds = 0, use, ...rest } = entry;
    expect([status, use]).toEqual([200, 1]);
    expect(body).toMatchObject(rest);
    expect(body.timeoutSeconds).toBeLessThanOrEqual(timeoutSeconds);
  });

  it('is found for IPv6 and in a zone', async () => {
    for (const filter of ['family=ipv6', 'zone>0', 'protocol=icmp']) {
      const { body } = await service.request<EntriesAnswer>('GET', `/entries?limit=1&filter=${encodeURIComponent(filter)}`);
      const [entry] = body.items;
      expect((await service.request<Entry>('GET', `/entries/${entry?.id ?? ''}`)).body).toMatchObject({
        id: entry?.id,
        original: entry?.original,
      });
    }
  });

  it('is not found after it is deleted, nor by an invalid id', async () => {
    const { id } = await listed();
    await deleteEntries(namespace, FLOW);
    for (const path of [id, 'garbage', `${id}0`]) {
      const { status, body } = await service.request<ProblemAnswer>('GET', `/entries/${path}`);
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'ENTRY_NOT_FOUND' });
    }
  });

  it('is distinguished from a later entry with the same tuple', async () => {
    await insert();
    const id = await replaced();
    const { status, body } = await service.request<ProblemAnswer>('GET', `/entries/${id}`);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'ENTRY_REPLACED' });
    expect((await listed()).id).not.toBe(id);
  });
});

describe('a client that disconnects', () => {
  /** The number of open netfilter sockets in this namespace. */
  const sockets = async (): Promise<number> => {
    const lines = (await namespace.run('cat', ['/proc/net/netlink'])).split('\n').map((line) => line.split(/ +/));
    return lines.filter(([, protocol, portId]) => protocol === NETLINK_NETFILTER && portId !== '0').length;
  };
  const until = async (isSo: (count: number) => boolean, milliseconds: number): Promise<boolean> => {
    const deadline = performance.now() + milliseconds;
    while (!isSo(await sockets())) if (performance.now() > deadline) return false;
    return true;
  };

  it.each(['identity', 'zstd'])('frees the kernel’s sockets within a second (%s)', async (encoding) => {
    expect(await until((count) => count === 0, 5_000)).toBe(true);
    const args = ['--silent', '--limit-rate', '100', '--max-time', '3', '--output', '/dev/null', '-H', `Authorization: Bearer ${token}`];
    const headers = ['-H', 'Accept: application/x-ndjson', '-H', `Accept-Encoding: ${encoding}`];
    const client = namespace.run('curl', [...args, ...headers, `${service.url}/api/v1/entries`]).catch(String);
    expect(await until((count) => count > 0, 2_500)).toBe(true);
    expect(await client).toContain('curl');
    expect(await until((count) => count === 0, 1_000)).toBe(true);
  });
});
