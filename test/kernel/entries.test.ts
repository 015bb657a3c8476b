import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DumpSummary, Entry } from '../../src/domain/entry.ts';
import type { EntriesAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { listedByConntrack, tupleOf } from './support/oracle.ts';
import { Service } from './support/service.ts';

let namespace: NetworkNamespace;
let home: Home;
let service: Service;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('entries');
  home = await Home.create();
  service = await Service.start(namespace, home, await home.createToken(), SERVICE_PORT);
  await namespace.talk();
});

afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
});

async function stream(query = ''): Promise<{ readonly entries: readonly Entry[]; readonly trailer: DumpSummary }> {
  const { status, text } = await service.request('GET', `/entries${query}`, { accept: 'application/x-ndjson' });
  expect(status).toBe(200);
  const lines = text.split('\n').filter(Boolean);
  const { trailer } = JSON.parse(lines.pop() ?? '{}') as { trailer: DumpSummary };
  return { entries: lines.map((line) => JSON.parse(line) as Entry), trailer };
}

async function only(query: string): Promise<Entry> {
  const { entries } = await stream(query);
  expect(entries).toHaveLength(1);
  return entries[0] as Entry;
}

describe('flows of real traffic', () => {
  it('shows an established TCP connection with both tuples, its state and its mark', async () => {
    expect(await only('?protocol=tcp&sourcePort=40001')).toMatchObject({
      family: 'ipv4',
      protocol: 'tcp',
      protocolNumber: 6,
      state: 'ESTABLISHED',
      status: expect.arrayContaining(['CONFIRMED', 'SEEN_REPLY', 'ASSURED']) as unknown,
      original: { source: '192.0.2.1', destination: '192.0.2.2', sourcePort: 40_001, destinationPort: 5_001 },
      reply: { source: '192.0.2.2', destination: '192.0.2.1', sourcePort: 5_001, destinationPort: 40_001 },
      mark: 42,
    });
  });

  it('shows the address behind a translated connection in the reply tuple', async () => {
    expect(await only('?protocol=tcp&sourcePort=40002')).toMatchObject({
      original: { source: '192.0.2.1', destination: '192.0.2.9', sourcePort: 40_002, destinationPort: 80 },
      reply: { source: '192.0.2.2', destination: '192.0.2.1', sourcePort: 5_001, destinationPort: 40_002 },
    });
  });

  it('shows TCP over IPv6', async () => {
    expect(await only('?protocol=tcp&family=ipv6')).toMatchObject({
      state: 'ESTABLISHED',
      original: { source: '2001:db8::1', destination: '2001:db8::2', sourcePort: 40_003, destinationPort: 5_001 },
    });
  });

  it('shows UDP with and without a reply, without a state', async () => {
    const answered = await only('?protocol=udp&family=ipv4&destinationPort=5002');
    const silent = await only('?protocol=udp&destinationPort=10500');
    expect(answered.status).toContain('SEEN_REPLY');
    expect(silent.status).not.toContain('SEEN_REPLY');
    expect([answered, silent].map((entry) => 'state' in entry)).toEqual([false, false]);
  });

  it('shows ICMP and ICMPv6 by type, code and id', async () => {
    const echo = await only('?protocol=icmp');
    const echo6 = await only('?protocol=icmpv6');
    expect(echo.original).toMatchObject({ source: '192.0.2.1', icmpType: 8, icmpCode: 0, icmpId: expect.any(Number) as unknown });
    expect(echo6.original).toMatchObject({ source: '2001:db8::1', icmpType: 128, icmpCode: 0 });
    expect(echo6.reply).toMatchObject({ source: '2001:db8::2', icmpType: 129, icmpId: echo6.original.icmpId });
  });
});

describe('compared with conntrack -L in the same namespace', () => {
  it('streams the same number of entries, with the same original tuples', async () => {
    const listed = await listedByConntrack(namespace);
    const { entries, trailer } = await stream();
    expect(listed.length).toBeGreaterThan(1_000);
    expect(entries.map(tupleOf).sort()).toEqual(listed);
    expect(trailer).toMatchObject({ outcome: 'complete', entries: listed.length, unparsed: 0 });
  });

  it('reports the kernel’s count', async () => {
    const { body } = await service.request<{ count: number }>('GET', '/table');
    expect(body.count).toBe(await namespace.readSysctl('count'));
  });

  it('returns the same entries page by page, each once', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const query: string = cursor === undefined ? '' : `&cursor=${cursor}`;
      const { body } = await service.request<EntriesAnswer>('GET', `/entries?limit=150${query}`);
      seen.push(...body.items.map(tupleOf));
      cursor = body.nextCursor;
    }
    expect(seen.sort()).toEqual(await listedByConntrack(namespace));
  });

  it('writes the same number of CSV rows between header and trailer', async () => {
    const { text } = await service.request('GET', '/entries', { accept: 'text/csv' });
    expect(text.trimEnd().split('\r\n').length - 2).toBe((await listedByConntrack(namespace)).length);
  });

  it.each([
    ['?family=ipv6', ['-f', 'ipv6']],
    ['?protocol=tcp', ['-p', 'tcp']],
    ['?protocol=icmp', ['-f', 'ipv4', '-p', 'icmp']],
    ['?source=198.51.100.1', ['-f', 'ipv4', '-s', '198.51.100.1']],
    ['?source=192.0.2.0/24', ['-f', 'ipv4', '-s', '192.0.2.0/24']],
    ['?destination=192.0.2.9', ['-f', 'ipv4', '-d', '192.0.2.9']],
    ['?destination=2001:db8::2', ['-f', 'ipv6', '-d', '2001:db8::2']],
    ['?protocol=udp&destinationPort=10500', ['-f', 'ipv4', '-p', 'udp', '--dport', '10500']],
    ['?protocol=udp&sourcePort=40010', ['-p', 'udp', '--sport', '40010']],
    ['?protocol=tcp&state=ESTABLISHED', ['-p', 'tcp', '--state', 'ESTABLISHED']],
    ['?mark=42', ['-m', '42']],
  ])('selects with %s the same entries as conntrack %j', async (query, args) => {
    const listed = await listedByConntrack(namespace, args);
    expect(listed).not.toEqual([]);
    expect((await stream(query)).entries.map(tupleOf).sort()).toEqual(listed);
  });
});
