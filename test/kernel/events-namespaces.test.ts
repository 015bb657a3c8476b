import { readdirSync, readlinkSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEventPlace, type EventPlace } from '../../src/domain/filter/entry-event.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { CtnetlinkEvents } from '../../src/kernel/events/ctnetlink-events.ts';
import { NamedNamespaces } from '../../src/kernel/named-namespaces.ts';
import { framesIn, type Frame } from '../unit/kernel/events/frames.ts';
import { NetworkNamespace } from './support/network-namespace.ts';
import { run } from './support/run.ts';

const TIMEOUT_MILLISECONDS = 10_000;

type Stream = AsyncIterator<Uint8Array, undefined>;

let events: CtnetlinkEvents;
let namespace: NetworkNamespace;
beforeEach(async () => {
  events = new CtnetlinkEvents('/', new NamedNamespaces('/', true));
  namespace = await NetworkNamespace.create('reborn');
});
afterEach(async () => {
  await events.close();
  await namespace.delete().catch(() => undefined);
});

async function listen(name = namespace.name, after?: EventPlace): Promise<Stream> {
  const request = { filter: EVERY_ENTRY, types: ['new', 'update', 'destroy'] as const, namespace: name, ...(after && { after }) };
  return events.listen(request);
}

/** Reads until the frames are enough, or the stream ends. */
async function read(stream: Stream, isEnough: (frames: readonly Frame[]) => boolean = () => false): Promise<readonly Frame[]> {
  let text = '';
  while (!isEnough(framesIn(text))) {
    const next = await stream.next();
    if (next.done === true) break;
    text += Buffer.from(next.value).toString('latin1');
  }
  return framesIn(text);
}

const kinds = (frames: readonly Frame[]): readonly unknown[] => frames.map(({ event }) => event);
const create = (port: number): Promise<string> =>
  namespace.run('conntrack', ['-I', '-p', 'udp', '-s', '10.9.0.1', '-d', '10.9.0.2', '--sport', `${port}`, '--dport', '53', '-t', '3600']);

/** The netlink sockets of this process for netfilter, in any namespace. */
function sockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

async function untilSockets(count: number): Promise<number> {
  const begin = Date.now();
  while (sockets() !== count) {
    if (Date.now() - begin > TIMEOUT_MILLISECONDS) throw new Error(`expected ${count} sockets, found ${sockets()}`);
    await sleep(10);
  }
  return Date.now() - begin;
}

const ENDED = ['gap', 'end'];

describe('events of a namespace whose name changes', () => {
  it('end with a gap when it is deleted, and its socket closes at once', async () => {
    const before = sockets();
    const stream = await listen();
    await create(1_001);
    const seen = await read(stream, (frames) => kinds(frames).includes('new'));
    const rest = read(stream);
    await namespace.delete();
    const frames = await rest;
    expect(kinds(seen)).toEqual(['ready', 'new']);
    expect(kinds(frames)).toEqual(ENDED);
    expect(frames[0]?.data).toMatchObject({ reason: 'namespace', remedy: expect.stringContaining('/namespaces') as string });
    expect(frames[1]?.data).toEqual({ reason: 'The network namespace was deleted.' });
    expect(await untilSockets(before)).toBeLessThan(2_000);
    await expect(listen()).rejects.toMatchObject({ code: 'NAMESPACE_NOT_FOUND' });
  });

  it('end when it is recreated; a client that resumes gets the new namespace, with a gap', async () => {
    const before = sockets();
    const stream = await listen();
    const first = await read(stream, (frames) => frames.length > 0);
    await namespace.delete();
    namespace = await NetworkNamespace.create('reborn');
    expect(kinds(await read(stream))).toEqual(ENDED);
    const again = await listen(namespace.name, parseEventPlace(first[0]?.id ?? ''));
    await create(1_002);
    const frames = await read(again, (seen) => kinds(seen).includes('new'));
    expect(frames[0]?.data).toMatchObject({ resumed: false });
    expect(frames[1]).toMatchObject({ event: 'gap', data: { reason: 'resume' } });
    expect(frames[2]?.data).toMatchObject({ original: { sourcePort: 1_002 } });
    await again.return?.();
    await namespace.delete();
    await untilSockets(before);
  });

  it('are released at once when it is deleted after its last client has left', async () => {
    const before = sockets();
    await (await listen()).return?.();
    expect(sockets()).toBeGreaterThan(before);
    await namespace.delete();
    expect(await untilSockets(before)).toBeLessThan(2_000);
  });

  it('go on for a client that requested it by another name, which shares the subscription', async () => {
    const other = `${namespace.name}-2`;
    await writeFile(`/run/netns/${other}`, '');
    await run('mount', ['--bind', `/run/netns/${namespace.name}`, `/run/netns/${other}`]);
    try {
      const [one, two] = [await listen(), await listen(other)];
      const [firstOfOne, firstOfTwo] = [await read(one, (seen) => seen.length > 0), await read(two, (seen) => seen.length > 0)];
      expect(firstOfOne[0]?.id?.split('-')[0]).toBe(firstOfTwo[0]?.id?.split('-')[0]);
      await run('ip', ['netns', 'delete', other]);
      expect(kinds(await read(two))).toEqual(ENDED);
      await create(1_003);
      expect(kinds(await read(one, (seen) => kinds(seen).includes('new')))).toEqual(['new']);
    } finally {
      if ((await readFile('/proc/self/mounts', 'utf8')).includes(other)) await run('ip', ['netns', 'delete', other]);
    }
  });

  it('end when another namespace is mounted over it, which notifies no watcher', async () => {
    const cover = await NetworkNamespace.create('cover');
    try {
      const stream = await listen();
      await read(stream, (seen) => seen.length > 0);
      await run('mount', ['--bind', `/run/netns/${cover.name}`, `/run/netns/${namespace.name}`]);
      const frames = await read(stream);
      await run('umount', [`/run/netns/${namespace.name}`]);
      expect(kinds(frames)).toEqual(ENDED);
      expect(frames[1]?.data).toEqual({ reason: 'The network namespace was replaced by another of the same name.' });
    } finally {
      await cover.delete();
    }
  });
});
