import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProcfsCapabilities } from '../../../src/kernel/procfs/procfs-capabilities.ts';
import { EVERY_ENTRY } from '../../../src/domain/filter/filter.ts';
import { generateDemoTree } from '../../../src/kernel/demo-tree.ts';
import { HostEntries } from '../../../src/kernel/dump/host-entries.ts';
import { NamedNamespaces } from '../../../src/kernel/named-namespaces.ts';
import { ProcfsSettings } from '../../../src/kernel/procfs/procfs-settings.ts';
import { ProcfsTable } from '../../../src/kernel/procfs/procfs-table.ts';
import { TableGate } from '../../../src/kernel/table-gate.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'demo-tree-'));
  await generateDemoTree(root);
});

afterAll(() => rm(root, { recursive: true }));

describe('the demo tree', () => {
  it('has all capabilities that do not need the running kernel', async () => {
    const { layout, namespace, capabilities } = await new ProcfsCapabilities(root).read();
    expect({ layout, namespace }).toEqual({ layout: 'nf_conntrack', namespace: 'initial' });
    const missing = capabilities.filter(({ available }) => !available).map(({ name }) => name);
    expect(missing).toEqual(['entries.filter', 'entries.delete', 'entries.end', 'entries.update', 'events', 'namespaces']);
    expect((await new ProcfsTable(root).read()).unavailable).toEqual([]);
    expect((await new ProcfsTable(root).counters()).perCpu).toHaveLength(2);
  });

  it('has as many entries as its count, all different and of all kinds', async () => {
    const { count } = await new ProcfsTable(root).read();
    const host = new HostEntries(root, new TableGate(), new NamedNamespaces(root, false));
    const { entries, next, summary } = await host.page(EVERY_ENTRY, 10_000);
    await host.close();
    expect(summary).toMatchObject({ entries: count, unparsed: 0 });
    expect(next).toBeUndefined();
    expect(new Set(entries.map(({ protocol }) => protocol))).toEqual(new Set(['tcp', 'udp', 'icmp', 'icmpv6', 'gre', 'unknown']));
    expect(new Set(entries.map(({ family }) => family)).size).toBe(2);
    expect(entries.filter(({ offload }) => offload).length).toBeGreaterThan(5);
  });

  it('shows a written value in both paths of a variable', async () => {
    const settings = new ProcfsSettings(root, new TableGate());
    await settings.write('max', 131_072);
    await settings.write('buckets', 32_768);
    expect(await readFile(join(root, 'proc/sys/net/nf_conntrack_max'), 'utf8')).toBe('131072\n');
    expect(await readFile(join(root, 'proc/sys/net/netfilter/nf_conntrack_buckets'), 'utf8')).toBe('32768\n');
  });
});
