import { once } from 'node:events';
import { readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCounters } from '../../src/kernel/procfs/parse-counters.ts';
import type { EntriesAnswer, ProblemAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { host, NetworkNamespace } from './support/network-namespace.ts';
import { listedByConntrack, tupleOf } from './support/oracle.ts';
import { run } from './support/run.ts';
import { Service } from './support/service.ts';

interface NamespacesAnswer {
  readonly items: readonly { readonly name: string; readonly count?: number; readonly unavailable: readonly object[] }[];
}

const NO_WAY_BACK = join(import.meta.dirname, 'support/no-way-back.ts');
const LOOK = join(import.meta.dirname, 'support/namespaces-look.ts');
const ENABLED = ['env', 'CONNTRACK_API_NAMESPACES=true'];

let blue: NetworkNamespace;
let empty: NetworkNamespace;
let stale: string;
let link: string;
let home: Home;
let service: Service;

beforeAll(async () => {
  blue = await NetworkNamespace.create('blue');
  empty = await NetworkNamespace.create('empty');
  // Named unlike the run's namespaces: the cleanup after a killed run can delete only namespaces.
  [stale, link] = [`stale-${blue.name}`, `link-${blue.name}`];
  await writeFile(join('/run/netns', stale), '');
  await symlink(join('/run/netns', blue.name), join('/run/netns', link));
  await blue.talk();
  home = await Home.create();
  service = await Service.start({ prefix: ENABLED }, home, await home.createToken());
});

afterAll(async () => {
  await service.stop();
  for (const name of [stale, link]) await rm(join('/run/netns', name));
  await blue.delete();
  await empty.delete();
  await home.remove();
});

const get = async <Body>(path: string): Promise<Body> => (await service.request<Body>('GET', path)).body;
const tuples = ({ items }: EntriesAnswer): readonly string[] => items.map(tupleOf).sort();

describe('from the host’s own network namespace', () => {
  it('lists the named namespaces with their counts, and no other files there', async () => {
    const { items } = await get<NamespacesAnswer>('/namespaces');
    const ours = items.filter(({ name }) => name.includes(blue.name) || name === empty.name);
    expect(ours).toEqual([
      { name: blue.name, count: await blue.readSysctl('count'), unavailable: [] },
      { name: empty.name, count: 0, unavailable: [] },
    ]);
    expect(ours[0]?.count).toBeGreaterThan(1_000);
  });

  it('shows the table of one, with the limits of the host', async () => {
    const count = await blue.readSysctl('count');
    const [max, buckets] = [await host.readSysctl('max'), await host.readSysctl('buckets')];
    expect(await get(`/table?namespace=${blue.name}`)).toMatchObject({
      ...{ namespace: blue.name, count, max, buckets, utilisation: count / max, unavailable: [] },
    });
    const own = await get<{ readonly count: number }>('/table');
    expect(own).not.toHaveProperty('namespace');
    expect(own.count).toBeLessThan(count);
  });

  it('shows the counters of one as in its own file', async () => {
    const file = parseCounters(await blue.run('cat', ['/proc/net/stat/nf_conntrack']));
    const { source, perCpu } = await get<{ source: string; perCpu: object[] }>(`/table/counters?namespace=${blue.name}`);
    expect(source).toBe('ctnetlink');
    expect(perCpu).toHaveLength(file.length);
    expect(file).toMatchObject(perCpu);
  });

  it('shows the entries of one as conntrack lists them there, and then its own again', async () => {
    const own = await get<EntriesAnswer>('/entries?limit=1000');
    const there = await get<EntriesAnswer>(`/entries?limit=1000&namespace=${blue.name}&protocol=tcp`);
    expect(tuples(there)).toEqual(await listedByConntrack(blue, ['-p', 'tcp']));
    expect(there.items.length).toBeGreaterThan(2);
    expect(tuples(await get(`/entries?limit=1000&namespace=${empty.name}`))).toEqual([]);
    expect(tuples(own)).not.toEqual(expect.arrayContaining([...tuples(there)]));
    const after = await get<EntriesAnswer>('/entries?limit=1000');
    expect(tuples(after)).not.toEqual(expect.arrayContaining([...tuples(there)]));
  });

  it('serves many requests at once, each for the requested namespace', async () => {
    const expected = await blue.readSysctl('count');
    const counts = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const name = index % 2 === 0 ? blue.name : empty.name;
        return (await get<{ readonly count: number }>(`/table?namespace=${name}`)).count;
      }),
    );
    expect(counts).toEqual(counts.map((_, index) => (index % 2 === 0 ? expected : 0)));
  });

  it.each(['nobody', 'stale', 'link'])('finds no namespace of the name %s', async (kind) => {
    const name = { nobody: 'nobody', stale, link }[kind] ?? kind;
    const { status, body } = await service.request<ProblemAnswer>('GET', `/table?namespace=${name}`);
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'NAMESPACE_NOT_FOUND' });
  });

  it('reports the capability', async () => {
    const { capabilities } = await get<{ capabilities: { name: string }[] }>('/capabilities');
    expect(capabilities.find(({ name }) => name === 'namespaces')).toMatchObject({ available: true, via: '/run/netns' });
  });
});

describe('without CAP_SYS_ADMIN', () => {
  it('lists the namespaces with the reason why they cannot be read, and reads none', async () => {
    const lacking = ['--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin'];
    const refused = { errno: 'EPERM', remedy: expect.stringContaining('CAP_SYS_ADMIN') as unknown };
    expect(JSON.parse(await run('setpriv', [...lacking, process.execPath, LOOK, blue.name]))).toEqual({
      listed: {
        name: blue.name,
        unavailable: [{ field: 'count', code: 'EPERM', detail: expect.stringContaining(blue.name) as unknown, remedy: refused.remedy }],
      },
      refusal: { code: 'KERNEL_UNREADABLE', ...refused },
      capability: { name: 'namespaces', available: false, reason: expect.stringContaining('EPERM') as unknown, remedy: refused.remedy },
    });
  });
});

describe('a thread that cannot return to its namespace', () => {
  it('ends without another message, and the process continues in its own namespace', async () => {
    const before = await readlink('/proc/self/ns/net');
    const worker = new Worker(NO_WAY_BACK, { workerData: join('/run/netns', blue.name) });
    const received: unknown[] = [];
    worker.on('message', (message) => received.push(message));
    const [code] = (await once(worker, 'exit')) as [number];
    expect({ code, received }).toEqual({ code: 1, received: ['it entered'] });
    expect(await readlink('/proc/self/ns/net')).toBe(before);
  });
});
