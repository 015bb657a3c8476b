import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamFormat } from '../../../src/domain/entry.ts';
import { EVERY_ENTRY } from '../../../src/domain/filter/filter.ts';
import { parseFilter } from '../../../src/domain/filter/parse-filter.ts';
import { demoEntryLine } from '../../../src/kernel/demo-entries.ts';
import type { DumpLimits, HostEntries } from '../../../src/kernel/dump/host-entries.ts';
import { TableGate } from '../../../src/kernel/table-gate.ts';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';
import { descriptorOf, entriesOver, isClosedSoon, parseStream, textOf } from './host-entries.ts';

const DUMP = '/proc/net/nf_conntrack';
const LINES = 60_000;
const MEGABYTE = 1_048_576;
const TEXT = Array.from({ length: LINES }, (_, n) => demoEntryLine(n)).join('');

let tree: KernelTree;
let dump: string;
const opened: HostEntries[] = [];

beforeEach(async () => {
  tree = await copyKernelTree('nf_conntrack');
  await tree.write(DUMP, TEXT);
  dump = join(tree.root, DUMP);
});

afterEach(async () => {
  for (const entries of opened.splice(0)) await entries.close();
  await tree.remove();
});

function open(limits: Partial<DumpLimits> = {}, gate = new TableGate()): HostEntries {
  const entries = entriesOver(tree.root, limits, gate);
  opened.push(entries);
  return entries;
}

async function begin(entries: HostEntries, filter = 'all', format: StreamFormat = 'ndjson'): Promise<AsyncIterator<Uint8Array>> {
  return (await entries.stream(parseFilter(filter), format))[Symbol.asyncIterator]();
}

const rest = (stream: AsyncIterator<Uint8Array>): Promise<string> => textOf({ [Symbol.asyncIterator]: () => stream });

describe('a stream that is not read to its end', () => {
  it('releases its slot and closes its file when the iteration is left', async () => {
    const entries = open({ maxDumps: 1 });
    for await (const chunk of await entries.stream(EVERY_ENTRY, 'ndjson')) {
      expect(await descriptorOf(dump)).toBeDefined();
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    expect(await isClosedSoon(dump)).toBe(true);
    expect((await entries.page(EVERY_ENTRY, 1)).entries).toHaveLength(1);
  });

  it('can be closed before the first chunk, and while one is awaited', async () => {
    const entries = open({ maxDumps: 1 });
    const unread = await begin(entries);
    await unread.return?.();
    const silent = await begin(entries, 'mark=999');
    const awaited = silent.next();
    await silent.return?.();
    expect(await awaited).toMatchObject({ done: true });
    expect(await isClosedSoon(dump)).toBe(true);
  });

  it('reads the table no faster than the client reads the stream', async () => {
    const stream = await begin(open());
    await stream.next();
    await sleep(300);
    const information = await readFile(`/proc/self/fdinfo/${(await descriptorOf(dump)) ?? 'none'}`, 'utf8');
    const position = Number(/^pos:\s+(\d+)$/m.exec(information)?.[1]);
    await stream.return?.();
    expect(position).toBeGreaterThan(0);
    expect(position).toBeLessThan(2 * MEGABYTE);
    expect((await stat(dump)).size).toBeGreaterThan(8 * MEGABYTE);
  });

  it('is interrupted and releases its slot if the client does not read in time, and gives the reason', async () => {
    const entries = open({ maxDumps: 1, chunkTimeoutMilliseconds: 50 });
    const stream = await begin(entries);
    // A copy: the buffer belongs to the dump again after the next call.
    const first = Buffer.from(((await stream.next()) as IteratorYieldResult<Uint8Array>).value).toString();
    await sleep(60);
    expect(await isClosedSoon(dump)).toBe(true);
    expect((await entries.page(EVERY_ENTRY, 1)).entries).toHaveLength(1);
    const { entries: given, trailer } = parseStream(first + (await rest(stream)));
    expect(trailer).toMatchObject({ outcome: 'interrupted', reason: 'no chunk was taken for 0.05 s', entries: given.length });
    expect(given.length).toBeLessThan(LINES);
  });

  it('is interrupted if the client reads too slowly in total', async () => {
    const entries = open({ maxDumps: 1, streamTimeoutMilliseconds: 150 });
    const stream = await begin(entries);
    let text = '';
    for (let next = await stream.next(); next.done !== true; next = await stream.next()) {
      text += Buffer.from(next.value).toString();
      await sleep(20);
    }
    const { trailer } = parseStream(text);
    expect(trailer).toMatchObject({ outcome: 'interrupted', reason: 'it took longer than 0.15 s' });
    expect(entries.activity().running).toBe(0);
  });
});

describe('running dumps', () => {
  it('are counted until they end, whatever their output', async () => {
    const entries = open({ maxDumps: 2 });
    const streams = [await begin(entries), await begin(entries, 'all', 'csv')];
    await expect(entries.stream(EVERY_ENTRY, 'ndjson')).rejects.toMatchObject({ code: 'TOO_MANY_DUMPS' });
    await expect(entries.page(EVERY_ENTRY, 1)).rejects.toMatchObject({ code: 'TOO_MANY_DUMPS' });
    await expect(entries.count(EVERY_ENTRY)).rejects.toMatchObject({ code: 'TOO_MANY_DUMPS' });
    for (const stream of streams) await stream.return?.();
    expect((await entries.page(EVERY_ENTRY, 1)).summary.outcome).toBe('lossy');
  });

  it('of one token are limited to its share, so that another token can read', async () => {
    const entries = open({ maxDumps: 5 });
    const owner = 'greedy';
    const streams = await Promise.all(Array.from({ length: 3 }, () => entries.stream(EVERY_ENTRY, 'ndjson', { owner })));
    const refused = { code: 'TOO_MANY_DUMPS', message: 'This token already runs 3 of the 5 dumps that run at once, which is its share.' };
    await expect(entries.stream(EVERY_ENTRY, 'csv', { owner })).rejects.toMatchObject(refused);
    await expect(entries.count(EVERY_ENTRY, { owner })).rejects.toMatchObject(refused);
    await expect(entries.page(EVERY_ENTRY, 1, '', { owner })).rejects.toMatchObject(refused);
    expect((await entries.count(EVERY_ENTRY, { owner: 'other' })).entries).toBeGreaterThan(0);
    expect((await entries.count(EVERY_ENTRY)).entries).toBeGreaterThan(0);
    for (const stream of streams) await stream[Symbol.asyncIterator]().return?.();
    expect((await entries.count(EVERY_ENTRY, { owner })).entries).toBeGreaterThan(0);
  });

  it('are limited to twelve by default, and all of them make progress', async () => {
    const entries = open();
    const streams = await Promise.all(Array.from({ length: 12 }, () => begin(entries)));
    await expect(entries.stream(EVERY_ENTRY, 'ndjson')).rejects.toMatchObject({
      code: 'TOO_MANY_DUMPS',
      message: '12 dumps of the table are already running.',
    });
    for (const stream of streams) expect((await stream.next()).done).toBe(false);
    for (const stream of streams) await stream.return?.();
  });
});

describe('a resize during dumps', () => {
  it('waits for the dumps, and a new dump waits for the resize', async () => {
    const gate = new TableGate();
    const entries = open({}, gate);
    const stream = await begin(entries);
    await stream.next();
    const log: string[] = [];
    const resize = gate.exclusively(() => Promise.resolve(log.push('resized')));
    const count = entries.count(EVERY_ENTRY).then(() => log.push('counted'));
    log.push('read');
    expect(parseStream((await rest(stream)).split('\n').slice(1).join('\n')).trailer.outcome).toBe('lossy');
    await Promise.all([resize, count]);
    expect(log).toEqual(['read', 'resized', 'counted']);
  });

  it('continues at once when the clients disconnect', async () => {
    const gate = new TableGate();
    const stream = await begin(open({}, gate));
    await stream.next();
    const resize = gate.exclusively(() => Promise.resolve(performance.now()));
    const leftAt = performance.now();
    await stream.return?.();
    expect((await resize) - leftAt).toBeLessThan(1_000);
  });

  it('ends dumps that take too long, and their trailer gives the reason', async () => {
    const gate = new TableGate(30);
    const stream = await begin(open({}, gate));
    const first = Buffer.from(((await stream.next()) as IteratorYieldResult<Uint8Array>).value).toString();
    await gate.exclusively(() => Promise.resolve());
    expect(await isClosedSoon(dump)).toBe(true);
    const { entries: given, trailer } = parseStream(first + (await rest(stream)));
    expect(trailer).toMatchObject({ outcome: 'interrupted', reason: 'the table is being resized', entries: given.length });
  });
});
