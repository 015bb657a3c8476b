import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { EntriesOf } from './support/host-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

/** A TFTP transfer, which a helper expects, and connections that SYNPROXY answers for the server. */
const RULES = `
table inet ct_attributes {
  ct helper tftp { type "tftp" protocol udp; }
  chain helpers { type filter hook output priority filter; udp dport 69 ct helper set "tftp"; }
  chain untracked { type filter hook prerouting priority raw; tcp dport 8080 tcp flags syn notrack; }
  chain proxied {
    type filter hook input priority filter;
    tcp dport 8080 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm;
    ct state invalid drop;
  }
}`;

const TRAFFIC = join(import.meta.dirname, 'support/expected-traffic.ts');

let namespace: NetworkNamespace;
let client: NetworkNamespace;
let entries: EntriesOf;
let table: readonly Entry[];

beforeAll(async () => {
  namespace = await NetworkNamespace.create('attributes');
  client = await NetworkNamespace.create('attributes-client');
  entries = new EntriesOf(namespace);
  await namespace.run('ip', ['link', 'add', 'inside', 'type', 'veth', 'peer', 'name', 'outside', 'netns', client.name]);
  for (const [of, device, address] of [[namespace, 'inside', '10.7.0.1/24'] as const, [client, 'outside', '10.7.0.2/24'] as const]) {
    await of.run('ip', ['address', 'add', address, 'dev', device]);
    await of.run('ip', ['link', 'set', device, 'up']);
  }
  await namespace.run('nft', ['-f', '-'], RULES);
  await namespace.writeSysctl('tcp_loose', 0);
  await namespace.run(process.execPath, [TRAFFIC, 'sctp']);
  await namespace.run(process.execPath, [TRAFFIC, 'tftp']);
  await namespace.run(process.execPath, [TRAFFIC, 'proxied', client.name]);
  table = (await entries.stream(EVERY_ENTRY)).lines.map((line) => JSON.parse(line) as Entry);
});

afterAll(async () => {
  await entries.close();
  await namespace.delete();
  await client.delete();
});

function only(isWanted: (entry: Entry) => boolean): Entry {
  const [found, ...rest] = table.filter(isWanted);
  expect(rest).toEqual([]);
  return found ?? expect.fail('no such entry');
}

describe('attributes that the kernel reports', () => {
  it('include the verification tags of SCTP, also those above 2^31', () => {
    const { original, reply, state } = only((entry) => entry.protocol === 'sctp' && entry.original.destination === '192.0.2.2');
    expect({ state, original: original.vtag, reply: reply.vtag }).toEqual({ state: 'ESTABLISHED', original: 1, reply: 0xffff_fffe });
  });

  it('include the original tuple of the flow that a helper expected the flow by', () => {
    const { master, status, protocol } = only((entry) => entry.master !== undefined);
    const tuple = { source: '192.0.2.1', destination: '192.0.2.2', sourcePort: 45_069, destinationPort: 69 };
    expect({ master, protocol }).toEqual({ master: { protocol: 'udp', protocolNumber: 17, ...tuple }, protocol: 'udp' });
    expect(status).toContain('EXPECTED');
  });

  it('include the numbers of a connection that SYNPROXY answered', () => {
    const { synproxy, protocol, original } = only((entry) => (entry.synproxy?.isn ?? 0) !== 0);
    expect({ protocol, original: original.source, port: original.destinationPort }).toEqual({
      protocol: 'tcp',
      original: '10.7.0.2',
      port: 8080,
    });
    expect(synproxy).toEqual({ isn: expect.any(Number) as number, its: expect.any(Number) as number, tsoff: expect.any(Number) as number });
    expect(synproxy?.its).toBeGreaterThan(0);
  });

  it('are the same in a page, in a single entry and in CSV', async () => {
    for (const { id, ...rest } of table.filter(({ master, synproxy, original }) => master ?? synproxy ?? original.vtag)) {
      const expected = expect.objectContaining({ id, original: rest.original, reply: rest.reply }) as Entry;
      const extra = { ...(rest.master && { master: rest.master }), ...(rest.synproxy && { synproxy: rest.synproxy }) };
      expect(await entries.find(id)).toEqual(expected);
      expect(await entries.find(id)).toMatchObject(extra);
      expect((await entries.page(EVERY_ENTRY, 100)).entries.find((entry) => entry.id === id)).toMatchObject(extra);
    }
    const csv = (await entries.stream(EVERY_ENTRY, 'csv')).lines;
    expect(csv.find((line) => line.includes(',sctp,132,') && line.includes(',192.0.2.2,'))).toMatch(/,1,4294967294(,[^,]*){14}\r?$/);
    expect(csv.filter((line) => /,udp,17,192\.0\.2\.1,192\.0\.2\.2,45069,69,,,,,\r?$/.test(line))).toHaveLength(1);
  });
});

describe('a filter by verification tag', () => {
  it.each([
    ['vtag=1', ['192.0.2.2']],
    ['vtag=4294967294,7', ['192.0.2.2', '198.51.100.2']],
    ['originalVtag>6', ['198.51.100.2']],
    ['replyVtag=2147483648', ['198.51.100.2']],
    ['vtag>=0 and not vtag=7', ['192.0.2.2']],
    ['vtag=1-7 and replyVtag>2147483648', ['192.0.2.2']],
    ['vtag=99', []],
  ])('selects SCTP entries that have it: %s', async (text, destinations) => {
    const { lines } = await entries.stream(parseFilter(text));
    expect(lines.map((line) => (JSON.parse(line) as Entry).original.destination).sort()).toEqual(destinations);
  });

  it('lets the kernel leave out other protocols where the family is known', async () => {
    const { ids, trailer } = await entries.stream(parseFilter('family=ipv4 and vtag=1'));
    expect({ count: ids.length, filteredByKernel: trailer.filteredByKernel, scanned: trailer.scanned }).toEqual({
      count: 1,
      filteredByKernel: true,
      scanned: 2,
    });
  });
});
