import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NetworkNamespace } from './support/network-namespace.ts';

const SCRIPT = join(import.meta.dirname, 'support/extended-beside-conntrack.ts');

/** Sets zones, a helper and labels on part of the traffic, which only rules can do. */
const RULES = `
table inet ct_extended {
  ct helper tftp { type "tftp" protocol udp; }
  chain zones {
    type filter hook output priority raw;
    udp dport 10001 ct zone set 7
    udp dport 10002 ct original zone set 8
    udp dport 10003 ct reply zone set 9
  }
  chain marks {
    type filter hook output priority filter;
    udp dport 10004 ct helper set "tftp"
    udp dport 10005 ct label set 3
    udp dport 10006 ct mark set 0xffffffff
  }
}`;

const IPV4 = ['-s', '10.0.0.1', '-d', '10.0.0.2', '-t', '3600'];
const PORTS = ['--sport', '1', '--dport', '2'];
/** Entries that traffic on this machine cannot create. */
const CREATED = [
  ['-p', 'gre', ...IPV4, '--srckey', '0x1234', '--dstkey', '5', '-u', 'SEEN_REPLY'],
  ['-p', 'sctp', ...IPV4, ...PORTS, '--state', 'ESTABLISHED', '--orig-vtag', '1', '--reply-vtag', '2'],
  ['-p', 'udplite', ...IPV4, ...PORTS],
  ['-p', 'dccp', ...IPV4, ...PORTS, '--state', 'OPEN', '--role', 'client'],
  ['-p', '50', ...IPV4],
  ['-p', 'tcp', ...IPV4, '--sport', '3', '--dport', '4', '--state', 'ESTABLISHED', '-n', '203.0.113.1', '-u', 'FIXED_TIMEOUT'],
  ['-p', 'tcp', ...IPV4, ...PORTS, '--state', 'SYN_SENT2', '-u', 'SEEN_REPLY,ASSURED', '-m', '7', '-w', '4'],
  ['-p', 'udp', '-s', '::192.0.2.1', '-d', '::ffff:192.0.2.1', '-t', '3600', ...PORTS],
  ['-p', 'udp', '-s', '2001:db8:0:0:1:0:0:1', '-d', '1:0:2:3:4:5:6:7', '-t', '3600', ...PORTS],
];

let namespace: NetworkNamespace;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('extended');
  await namespace.writeSysctl('acct', 1);
  await namespace.writeSysctl('timestamp', 1);
  await namespace.run('nft', ['-f', '-'], RULES);
  for (const entry of CREATED) await namespace.run('conntrack', ['-I', ...entry]);
  await namespace.talk();
});

afterAll(async () => {
  await namespace.delete();
});

describe('the whole table as text', () => {
  it('equals the output of conntrack -L -o extended, line by line', async () => {
    const printed = await namespace.run(process.execPath, [SCRIPT]);
    const { conntrack, ours } = JSON.parse(printed) as { readonly conntrack: string; readonly ours: string };
    const columns = ['[UNREPLIED]', '[ASSURED]', 'zone=7', 'zone-orig=8', 'zone-reply=9', 'helper=tftp', 'mark=4294967295', 'SYN_SENT2'];
    for (const column of [...columns, 'dst=192.0.2.9', 'srckey=0x', 'icmpv6 ', 'packets=', 'delta-time='])
      expect(conntrack).toContain(column);
    expect(ours.split('\n')).toEqual(conntrack.split('\n'));
  });

  it('equals the output of conntrack -L -o save, line by line', async () => {
    const printed = await namespace.run(process.execPath, [SCRIPT, 'save']);
    const { conntrack, ours } = JSON.parse(printed) as { readonly conntrack: string; readonly ours: string };
    const options = ['-u UNSET', '-u SEEN_REPLY,ASSURED', '-w 7', '--orig-zone 8', '--reply-zone 9', '-g 192.0.2.2', '-n 203.0.113.1'];
    for (const option of [...options, '--srckey', '-p 50', '--icmpv6-type', '--orig-vtag 1', '--state SYN_SENT2', 'FIXED_TIMEOUT'])
      expect(conntrack).toContain(option);
    expect(ours.split('\n')).toEqual(conntrack.split('\n'));
  });

  it('as saved is what conntrack -R adds to an empty table', async () => {
    const empty = await NetworkNamespace.create('restored');
    try {
      const { ours } = JSON.parse(await namespace.run(process.execPath, [SCRIPT, 'save'])) as { readonly ours: string };
      const restorable = ours.split('\n').filter((line) => / -p (?:tcp|udp|sctp) /.test(line) && !line.includes('-zone'));
      await empty.run('sh', ['-c', 'cat | conntrack -R -'], `${restorable.join('\n')}\n# complete entries=1 source=ctnetlink\n`);
      const restored = JSON.parse(await empty.run(process.execPath, [SCRIPT, 'save'])) as { readonly ours: string };
      const flows = (lines: readonly string[]): string[] => lines.map((line) => line.slice(line.indexOf(' -s '))).sort();
      expect(flows(restored.ours.trimEnd().split('\n'))).toEqual(flows(restorable));
      expect(restorable.length).toBeGreaterThan(1_000);
    } finally {
      await empty.delete();
    }
  });
});
