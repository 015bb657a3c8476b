import { appendFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/domain/filter/parse-filter.ts';
import { EVERY_ENTRY } from '../../../src/domain/filter/filter.ts';
import { demoEntryLine } from '../../../src/kernel/demo-entries.ts';
import type { HostEntries } from '../../../src/kernel/dump/host-entries.ts';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';
import { entriesOver, parseStream, streamed, textOf } from './host-entries.ts';

const DUMP = '/proc/net/nf_conntrack';
const MEGABYTE = 1_048_576;

let tree: KernelTree;
let entries: HostEntries;
let recorded: string;

beforeAll(async () => {
  tree = await copyKernelTree('nf_conntrack');
  recorded = await tree.read(DUMP);
  entries = entriesOver(tree.root);
});

beforeEach(async () => {
  await rm(join(tree.root, DUMP), { recursive: true, force: true });
  await tree.write(DUMP, recorded);
});

afterAll(async () => {
  await entries.close();
  await tree.remove();
});

const udpLine = (port: number): string => demoEntryLine(12).replaceAll(String(32_768 + 12), String(port));
const manyLines = (count: number): string => Array.from({ length: count }, (_, n) => demoEntryLine(n)).join('');

async function overTree<T>(name: Parameters<typeof copyKernelTree>[0], action: (entries: HostEntries) => Promise<T>): Promise<T> {
  const other = await copyKernelTree(name);
  const over = entriesOver(other.root);
  try {
    return await action(over);
  } finally {
    await over.close();
    await other.remove();
  }
}

describe('a stream of entries', () => {
  it('contains every entry and a trailer that counts them and the lines that cannot be parsed', async () => {
    const { entries: given, trailer } = parseStream(await streamed(entries));
    expect(given).toHaveLength(49);
    expect(new Set(given.map(({ id }) => id)).size).toBe(49);
    expect(trailer).toEqual({ outcome: 'lossy', entries: 49, scanned: 49, unparsed: 1, source: DUMP, filteredByKernel: false });
  });

  it('contains the entries that match the filter', async () => {
    const { entries: given, trailer } = parseStream(await streamed(entries, 'family=ipv6 and protocol=udp'));
    expect(given.map(({ original }) => original.sourcePort).sort()).toEqual([50_014, 50_015, 50_022]);
    expect(trailer).toMatchObject({ entries: 3, scanned: 49, filteredByKernel: false });
  });

  it('supports CSV', async () => {
    const lines = (await streamed(entries, 'protocol=icmp', 'csv')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^id,family,protocol,/);
    expect(lines[4]).toBe(`# lossy entries=3 scanned=49 unparsed=1 source=${DUMP} filteredByKernel=false`);
  });

  it('supports the format of conntrack -o extended', async () => {
    const lines = (await streamed(entries, 'protocol=icmp', 'extended')).trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^ipv4 {5}2 icmp {5}1 \d+ src=/);
    expect(lines[3]).toMatch(/^# lossy entries=3 /);
  });

  it('reads the legacy dump', async () => {
    const { entries: given, trailer } = parseStream(await overTree('ip_conntrack', streamed));
    expect(given.map(({ protocol }) => protocol)).toEqual(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp', 'gre']);
    expect(trailer).toMatchObject({ outcome: 'complete', source: '/proc/net/ip_conntrack' });
  });

  it('consists of the trailer for an empty table', async () => {
    await truncate(join(tree.root, DUMP));
    expect(parseStream(await streamed(entries))).toMatchObject({ entries: [], trailer: { outcome: 'complete', scanned: 0 } });
  });

  it('reports a resize of the table during the dump', async () => {
    await tree.write(DUMP, manyLines(5_000));
    const stream = await entries.stream(EVERY_ENTRY, 'ndjson');
    await tree.write('/sys/module/nf_conntrack/parameters/hashsize', '32768\n');
    expect(parseStream(await textOf(stream)).trailer).toMatchObject({ outcome: 'resized', entries: 5_000 });
  });

  it('reports a resize there and back while the client does not read', async () => {
    await tree.write(DUMP, manyLines(5_000));
    const hashsize = '/sys/module/nf_conntrack/parameters/hashsize';
    const before = await tree.read(hashsize);
    const stream = await entries.stream(EVERY_ENTRY, 'ndjson');
    await tree.write(hashsize, '32768\n');
    await sleep(300);
    await tree.write(hashsize, before);
    expect(parseStream(await textOf(stream)).trailer).toMatchObject({ outcome: 'resized', entries: 5_000 });
  });

  it('counts a line that is too long as unparsed, and continues after it', async () => {
    await tree.write(DUMP, `${udpLine(1)}${'x'.repeat(MEGABYTE)}\n${udpLine(2)}`);
    expect(parseStream(await streamed(entries)).trailer).toMatchObject({ outcome: 'lossy', entries: 2, unparsed: 1 });
  });

  it('needs memory that does not grow with the table', async () => {
    await truncate(join(tree.root, DUMP));
    for (let block = 0; block < 10; block += 1) await appendFile(join(tree.root, DUMP), manyLines(10_000));
    const stream = await entries.stream(EVERY_ENTRY, 'ndjson');
    const before = process.memoryUsage.rss();
    let [bytes, peak, newlines] = [0, 0, 0];
    for await (const chunk of stream) {
      bytes += chunk.byteLength;
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) newlines += 1;
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    expect(newlines).toBe(100_001);
    expect(bytes).toBeGreaterThan(40 * MEGABYTE);
    // Bounded memory stays far below this. Holding the whole text would exceed it.
    expect(peak - before).toBeLessThan(bytes);
  });
});

describe('a count', () => {
  it('equals the number of entries of a stream, with the same summary', async () => {
    const { trailer } = parseStream(await streamed(entries, 'protocol=tcp'));
    expect(await entries.count(parseFilter('protocol=tcp'))).toEqual(trailer);
    expect(trailer.entries).toBeGreaterThan(0);
  });
});

describe('a dump that cannot be read', () => {
  it('is refused before the first byte, with the errno and a remedy', async () => {
    await rm(join(tree.root, DUMP));
    const refusal = {
      code: 'KERNEL_UNREADABLE',
      details: { errno: 'ENOENT', remedy: expect.stringContaining('CONFIG_NF_CONNTRACK_PROCFS') as unknown },
    };
    await expect(entries.stream(EVERY_ENTRY, 'ndjson')).rejects.toMatchObject(refusal);
    await expect(entries.page(EVERY_ENTRY, 10)).rejects.toMatchObject(refusal);
    await expect(entries.count(EVERY_ENTRY)).rejects.toMatchObject(refusal);
  });

  it('is refused if the file opens but cannot be read', async () => {
    await rm(join(tree.root, DUMP));
    await tree.write(`${DUMP}/inside`, '');
    await expect(entries.stream(EVERY_ENTRY, 'csv')).rejects.toMatchObject({
      code: 'KERNEL_UNREADABLE',
      message: `${DUMP} cannot be read: illegal operation on a directory (EISDIR).`,
    });
  });

  it('is refused if nf_conntrack is not loaded', async () => {
    const page = overTree('not-loaded', (over) => over.page(EVERY_ENTRY, 10));
    await expect(page).rejects.toMatchObject({
      code: 'CONNTRACK_NOT_LOADED',
      details: { remedy: expect.stringContaining('modprobe nf_conntrack') as string },
    });
  });

  it('is refused for another network namespace unless this is enabled', async () => {
    await expect(entries.page(EVERY_ENTRY, 10, '', { namespace: 'blue' })).rejects.toMatchObject({ code: 'NAMESPACES_DISABLED' });
  });
});

describe('one entry', () => {
  it('can be read over ctnetlink only', async () => {
    const [first] = (await entries.page(EVERY_ENTRY, 1)).entries;
    await expect(entries.find(first?.id ?? '')).rejects.toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
  });

  it('is not found by a malformed id', async () => {
    await expect(entries.find('garbage')).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
  });
});
