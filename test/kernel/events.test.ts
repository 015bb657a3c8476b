import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventRequest } from '../../src/domain/filter/entry-event.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { CtnetlinkEvents } from '../../src/kernel/events/ctnetlink-events.ts';
import type { EventOptions } from '../../src/kernel/events/event-options.ts';
import { NamedNamespaces } from '../../src/kernel/named-namespaces.ts';
import { framesIn, type Frame } from '../unit/kernel/events/frames.ts';
import { Home } from './support/home.ts';
import { NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

const TIMEOUT_MILLISECONDS = 20_000;
const FLOW = ['-p', 'udp', '-s', '10.9.0.1', '-d', '10.9.0.2'];

let namespace: NetworkNamespace;
beforeAll(async () => {
  namespace = await NetworkNamespace.create('events');
});
afterAll(() => namespace.delete());

function create(port: number): Promise<string> {
  return namespace.run('conntrack', ['-I', ...FLOW, '--sport', String(port), '--dport', '53', '-t', '3600']);
}

function destroy(port: number): Promise<string> {
  return namespace.run('conntrack', ['-D', ...FLOW, '--sport', String(port)]);
}

/** Creates some thousand flows at a rate that fills any small buffer, and deletes them. Returns their number. */
async function burst(): Promise<number> {
  const load = ['test/support/entry-factory-process.ts', 'load', '--rate', '20000', '--seconds', '0.25'];
  return (JSON.parse(await namespace.run(process.execPath, load)) as { readonly created: number }).created;
}

/** The number of sockets of this process. */
function sockets(): number {
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return 'closed in the meantime';
    }
  });
  return open.filter((target) => target.startsWith('socket:')).length;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + TIMEOUT_MILLISECONDS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what}: not seen within ${TIMEOUT_MILLISECONDS} ms.`);
    await sleep(10);
  }
}

describe('events over HTTP', () => {
  let home: Home;
  let service: Service;
  let token: string;
  const clients: ChildProcess[] = [];

  beforeAll(async () => {
    home = await Home.create();
    token = await home.createToken();
    service = await Service.start(namespace, home, token, SERVICE_PORT);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.kill();
  });
  afterAll(async () => {
    await service.stop();
    await home.remove();
  });

  /** A curl client, and the frames that it has received so far. */
  async function listen(query = '', ...headers: readonly string[]): Promise<{ frames: () => readonly Frame[]; client: ChildProcess }> {
    const [program, ...args] = ['ip', ...namespace.prefix.slice(1), 'curl', '--silent', '--no-buffer', '--globoff'];
    const given = [`Authorization: Bearer ${token}`, ...headers].flatMap((header) => ['-H', header]);
    const client = spawn(program, [...args, ...given, `${service.url}/api/v1/events${query}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    clients.push(client);
    let text = '';
    client.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const frames = (): readonly Frame[] => framesIn(text.slice(0, text.lastIndexOf('\n\n') + 2));
    await until('the beginning of the stream', () => frames().some(({ event }) => event === 'ready'));
    return { frames, client };
  }

  const portsOf = (frames: readonly Frame[], event: string): readonly unknown[] =>
    frames.filter((frame) => frame.event === event).map(({ data }) => (data?.['original'] as { sourcePort?: number }).sourcePort);

  it('report real traffic: a connection that begins, is established and ends', async () => {
    const { frames } = await listen('?filter=sourcePort=40001');
    await namespace.talk();
    await until('the update', () => frames().some(({ event, data }) => event === 'update' && data?.['state'] === 'ESTABLISHED'));
    await namespace.run('conntrack', ['-D', '-p', 'tcp', '--sport', '40001']);
    await until('the end', () => portsOf(frames(), 'destroy').length > 0);
    const [ready, first] = frames();
    expect(ready?.data).toMatchObject({ source: 'ctnetlink', resumed: false, types: ['new', 'update', 'destroy'] });
    expect(first).toMatchObject({
      event: 'new',
      data: { protocol: 'tcp', original: { source: '192.0.2.1', destination: '192.0.2.2', sourcePort: 40_001, destinationPort: 5_001 } },
    });
    expect(new Set(frames().map(({ data }) => data?.['id'])).size).toBe(2);
  });

  it('are limited to the filter and the types, and arrive within a second', async () => {
    const { frames } = await listen('?types=destroy&filter=sourcePort=2001,2003');
    for (const port of [2_001, 2_002, 2_003]) await create(port);
    for (const port of [2_001, 2_002, 2_003]) await destroy(port);
    const end = Date.now();
    await until('both', () => portsOf(frames(), 'destroy').length === 2);
    expect(Date.now() - end).toBeLessThan(1_000);
    expect(frames().map(({ event }) => event)).toEqual(['ready', 'destroy', 'destroy']);
    expect(portsOf(frames(), 'destroy')).toEqual([2_001, 2_003]);
  });

  it('resume exactly where the client disconnected', async () => {
    const before = await listen('?types=new');
    await create(3_001);
    await until('the first', () => portsOf(before.frames(), 'new').length === 1);
    before.client.kill();
    await create(3_002);
    await create(3_003);
    const after = await listen('?types=new', `Last-Event-ID: ${before.frames().at(-1)?.id ?? ''}`);
    await create(3_004);
    await until('the last', () => portsOf(after.frames(), 'new').includes(3_004));
    expect(portsOf(after.frames(), 'new')).toEqual([3_002, 3_003, 3_004]);
    expect(after.frames()[0]?.data).toMatchObject({ resumed: true });
  });

  it('include a gap if the last event id is unknown', async () => {
    const { frames } = await listen('?lastEventId=00000000-7');
    await until('the gap', () => frames().length > 1);
    expect(frames()[1]).toMatchObject({ event: 'gap', data: { reason: 'resume', remedy: expect.any(String) as string } });
  });

  it('end with an `end` event when the service stops, which does not wait for clients', async () => {
    const { frames } = await listen();
    expect(await service.stop()).toBe(0);
    await until('the end', () => frames().at(-1)?.event === 'end');
    service = await Service.start(namespace, home, token, SERVICE_PORT);
  });
});

describe('an event stream in bounded memory', () => {
  const request = (): EventRequest => ({ filter: EVERY_ENTRY, types: ['new'], namespace: namespace.name });
  const opened: CtnetlinkEvents[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((events) => events.close())));

  function eventsWith(options: Partial<EventOptions>): CtnetlinkEvents {
    const events = new CtnetlinkEvents('/', new NamedNamespaces('/', true), options);
    opened.push(events);
    return events;
  }

  /** Reads chunks until the frames are enough, or the stream ends. */
  async function read(
    stream: AsyncIterator<Uint8Array, undefined>,
    isEnough: (frames: readonly Frame[]) => boolean,
  ): Promise<readonly Frame[]> {
    let text = '';
    while (!isEnough(framesIn(text))) {
      const next = await stream.next();
      if (next.done === true) break;
      text += Buffer.from(next.value).toString('latin1');
    }
    return framesIn(text);
  }

  const count = (frames: readonly Frame[], event: string): number => frames.filter((frame) => frame.event === event).length;
  const dropped = (frames: readonly Frame[], reason: string): number =>
    frames.filter(({ data }) => data?.['reason'] === reason).reduce((sum, { data }) => sum + Number(data?.['dropped']), 0);

  it('reports exactly how many events the kernel dropped', async () => {
    const stream = await eventsWith({ receiveBufferBytes: 4_096 }).listen(request());
    const created = await burst();
    await create(4_001);
    const frames = await read(stream, (seen) => count(seen, 'gap') > 0 && JSON.stringify(seen.at(-1)).includes('"sourcePort":4001,'));
    expect(dropped(frames, 'kernel')).toBeGreaterThan(0);
    expect(count(frames, 'new') + dropped(frames, 'kernel')).toBe(created + 1);
  });

  it('reports to a slow client exactly how many of its events are lost', async () => {
    const stream = await eventsWith({ pendingChunks: 2, logBytes: 65_536 }).listen(request());
    const created = await burst();
    await create(4_002);
    await sleep(500);
    const frames = await read(stream, (seen) => JSON.stringify(seen.at(-1) ?? '').includes('"sourcePort":4002,'));
    expect(dropped(frames, 'client')).toBeGreaterThan(0);
    expect(count(frames, 'new') + dropped(frames, 'client')).toBe(created + 1);
  });

  it('refuses a client above the limit until another leaves', async () => {
    const events = eventsWith({ maxClients: 1 });
    const first = await events.listen(request());
    await expect(events.listen(request())).rejects.toMatchObject({ code: 'TOO_MANY_DUMPS' });
    await first.return();
    await expect(events.listen(request())).resolves.toBeDefined();
  });

  it('refuses a token above its share of the streams, and no other token', async () => {
    const events = eventsWith({ maxClients: 2 });
    const first = await events.listen({ ...request(), owner: 'greedy' });
    await expect(events.listen({ ...request(), owner: 'greedy' })).rejects.toMatchObject({ code: 'TOO_MANY_DUMPS' });
    const second = await events.listen({ ...request(), owner: 'other' });
    await first.return();
    await expect(events.listen({ ...request(), owner: 'greedy' })).resolves.toBeDefined();
    await second.return();
  });

  it('disconnects a client that does not read', async () => {
    const events = eventsWith({ maxClients: 1, readTimeoutMilliseconds: 100 });
    const stream = await events.listen(request());
    await stream.next();
    await until('room for another', () =>
      events.listen(request()).then(
        () => true,
        () => false,
      ),
    );
    expect((await read(stream, () => false)).map(({ event }) => event)).toEqual(['end']);
  });

  it('closes its socket and thread soon after the last client has left', async () => {
    const before = sockets();
    const events = eventsWith({ graceMilliseconds: 100 });
    const stream = await events.listen(request());
    expect(sockets()).toBeGreaterThan(before);
    await stream.return();
    await until('the socket closed', () => sockets() === before);
  });
});
