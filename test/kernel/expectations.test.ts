import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import type { Expectation, ExpectationSummary } from '../../src/domain/expectation.ts';
import { parseExpectationLine } from '../../src/kernel/expectations/expectation-line.ts';
import { CtnetlinkEvents } from '../../src/kernel/events/ctnetlink-events.ts';
import { HostEntries } from '../../src/kernel/dump/host-entries.ts';
import { HostExpectations } from '../../src/kernel/expectations/host-expectations.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import { NamedNamespaces } from '../../src/kernel/named-namespaces.ts';
import { framesIn, type Frame } from '../unit/kernel/events/frames.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

const RULES = `
table inet ct_expectations {
  ct helper ftp { type "ftp" protocol tcp; }
  chain helpers { type filter hook output priority filter; tcp dport 21 ct helper set "ftp"; }
  chain moved { type nat hook output priority -100; ip daddr 192.0.2.8 tcp dport 21 dnat ip to 192.0.2.2:21; }
}`;
/** Flags: 1 PERMANENT, 2 INACTIVE. NAT in both directions. */
const ADDED = [{ flags: 1 }, { flags: 2, nat: 0 }, { flags: 3, nat: 1, name: 'nat-follow-master' }];

let namespace: NetworkNamespace;
let empty: NetworkNamespace;
let sessions: ChildProcessByStdio<Writable, Readable, null>;
const expectations = new HostExpectations('/', new NamedNamespaces('/', true));

beforeAll(async () => {
  namespace = await namespaceWithHelper('expecting');
  empty = await NetworkNamespace.create('expecting-nothing');
  sessions = await startSessions(namespace);
  const added = ADDED.map((each) => JSON.stringify(each));
  await namespace.run(process.execPath, [join(import.meta.dirname, 'support/add-expectations.ts'), ...added]);
});

async function namespaceWithHelper(label: string): Promise<NetworkNamespace> {
  const created = await NetworkNamespace.create(label);
  await created.run('ip', ['address', 'add', '192.0.2.8/32', 'dev', 'lo']);
  await created.run('nft', ['-f', '-'], RULES);
  return created;
}

async function startSessions({ prefix: [program = '', ...prefix] }: NetworkNamespace): Promise<typeof sessions> {
  const args = [...prefix, process.execPath, join(import.meta.dirname, 'support/expecting-traffic.ts')];
  const started = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(started.stdout, 'data');
  return started;
}

afterAll(async () => {
  sessions.stdin.end();
  await once(sessions, 'exit');
  await expectations.close();
  await namespace.delete();
  await empty.delete();
});

const scope = () => ({ namespace: namespace.name });

/** The line that `conntrack -L expect` prints for it, without the timeout, which changes while both are read. */
function asConntrackPrints({ protocolNumber, tuple, mask, master, class: number, helper, flags }: Expectation): string {
  const ports = (ends: { sourcePort?: number; destinationPort?: number } | undefined): string =>
    `sport=${String(ends?.sourcePort)} dport=${String(ends?.destinationPort)}`;
  return [
    `proto=${String(protocolNumber)} src=${tuple.source} dst=${tuple.destination} ${ports(tuple)}`,
    `mask-src=${String(mask?.source)} mask-dst=${String(mask?.destination)} ${ports(mask)}`,
    `master-src=${String(master?.source)} master-dst=${String(master?.destination)} ${ports(master)}`,
    ...(flags.length > 0 ? [flags.join(',')] : []),
    `class=${String(number)} helper=${String(helper)}`,
  ].join(' ');
}

async function listedByConntrack(): Promise<readonly string[]> {
  const texts = await Promise.all(['ipv4', 'ipv6'].map((family) => namespace.run('conntrack', ['-L', 'expect', '-f', family])));
  return texts.flatMap((text) => text.split('\n').filter(Boolean)).map((line) => line.replace(/^\d+ /, '').trim());
}

async function streamed(filter: Parameters<HostExpectations['stream']>[0], limit?: number) {
  const parts: Buffer[] = [];
  for await (const chunk of await expectations.stream(filter, { ...scope(), ...(limit !== undefined && { limit }) }))
    parts.push(Buffer.from(chunk));
  const lines = Buffer.concat(parts).toString().trimEnd().split('\n');
  const { trailer } = JSON.parse(lines.pop() ?? '{}') as { readonly trailer: ExpectationSummary };
  return { items: lines.map((line) => JSON.parse(line) as Expectation), trailer };
}

describe('expectations of real helpers', () => {
  it('are those that conntrack -L expect lists, field by field, in both families', async () => {
    const { items, summary } = await expectations.page({}, 100, '', scope());
    expect(items.map(asConntrackPrints).sort()).toEqual((await listedByConntrack()).toSorted());
    expect(summary).toEqual({ outcome: 'complete', expectations: 6, unparsed: 0, source: 'ctnetlink' });
    expect(items.filter(({ family }) => family === 'ipv6')).toMatchObject([
      { protocol: 'tcp', tuple: { source: '2001:db8::2', destination: '2001:db8::1', sourcePort: 0, destinationPort: 5_282 } },
    ]);
  });

  it('have NAT, flags and functions, which conntrack(8) does not print', async () => {
    const { items } = await expectations.page({ family: 'ipv4' }, 100, '', scope());
    const added = items
      .filter(({ tuple }) => tuple.source === '198.51.100.1')
      .toSorted((a, b) => (a.tuple.destinationPort ?? 0) - (b.tuple.destinationPort ?? 0));
    const nat = (direction: string, sourcePort: number) => ({
      direction,
      tuple: { source: '203.0.113.9', destination: '0.0.0.0', sourcePort, destinationPort: 0 },
    });
    expect(added.map(({ flags, nat, function: name }) => ({ flags, nat, name }))).toEqual([
      { flags: ['PERMANENT'], nat: undefined, name: undefined },
      { flags: ['INACTIVE'], nat: nat('original', 40_001), name: undefined },
      { flags: ['PERMANENT', 'INACTIVE'], nat: nat('reply', 40_002), name: 'nat-follow-master' },
    ]);
  });

  it('have the timeout that the kernel shows as text', async () => {
    const { items } = await expectations.page({}, 100, '', scope());
    const text = (await namespace.run('cat', ['/proc/net/nf_conntrack_expect'])).split('\n').filter(Boolean);
    const parsed = text.map((line) => parseExpectationLine(line) ?? expect.fail(line));
    const facts = (each: Expectation) => ({
      key: each.id.split('-')[0],
      tuple: each.tuple,
      helper: each.helper,
      flags: each.flags,
      // The two are read one after the other.
      aboutSeconds: Math.round((each.timeoutSeconds ?? Number.NaN) / 20),
    });
    const byKey = (one: { key?: string | undefined }, other: { key?: string | undefined }) =>
      (one.key ?? '') < (other.key ?? '') ? -1 : 1;
    expect(items.map(facts).toSorted(byKey)).toEqual(parsed.map(facts).toSorted(byKey));
  });
});

describe('pages, filters and streams of expectations', () => {
  it('hold each one once, in the order of their ids', async () => {
    const ids: string[] = [];
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await expectations.page({}, 2, after, scope());
      expect(page.summary.expectations).toBe(page.items.length);
      ids.push(...page.items.map(({ id }) => id));
      after = page.next;
    }
    expect(ids).toHaveLength(6);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect((await streamed({})).items.map(({ id }) => id)).toEqual(ids);
  });

  it('select by family and helper, and count', async () => {
    expect((await expectations.page({ family: 'ipv6' }, 100, '', scope())).items).toHaveLength(1);
    expect((await expectations.page({ helper: 'tftp' }, 100, '', scope())).items).toEqual([]);
    expect(await expectations.count({ helper: 'ftp' }, scope())).toMatchObject({ outcome: 'complete', expectations: 6 });
    expect(await expectations.countByHelper(scope())).toMatchObject({ byHelper: { ftp: 6 } });
  });

  it('end with a trailer that reports the limit', async () => {
    const { items, trailer } = await streamed({ family: 'ipv4' }, 3);
    expect([items.length, trailer.outcome, trailer.expectations]).toEqual([3, 'truncated', 3]);
    expect((await streamed({ family: 'ipv4' }, 5)).trailer).toMatchObject({ outcome: 'complete', expectations: 5 });
  });

  it('are those of the requested namespace only', async () => {
    expect((await expectations.page({}, 100, '', { namespace: empty.name })).items).toEqual([]);
    await expect(expectations.page({}, 100, '', { namespace: 'no-such-namespace' })).rejects.toMatchObject({ code: 'NAMESPACE_NOT_FOUND' });
  });
});

it('counts entries by helper as conntrack -L shows them', async () => {
  const entries = new HostEntries('/', new TableGate(), new NamedNamespaces('/', true));
  try {
    const { keys } = await entries.summarise(EVERY_ENTRY, { by: ['helper'], top: 10, orderBy: 'entries' }, scope());
    const texts = await Promise.all(['ipv4', 'ipv6'].map((family) => namespace.run('conntrack', ['-L', '-f', family])));
    expect(keys[0]?.top).toMatchObject([{ helper: 'ftp', entries: texts.join('').split(' helper=ftp ').length - 1 }]);
    expect(keys[0]?.top[0]?.entries).toBe(6);
  } finally {
    await entries.close();
  }
});

describe('events of expectations', () => {
  it('are those that conntrack -E expect prints, in its order', async () => {
    const other = await namespaceWithHelper('expecting-events');
    const events = new CtnetlinkEvents('/', new NamedNamespaces('/', true));
    const types = ['expectation-new', 'expectation-destroy'] as const;
    const stream = await events.listen({ filter: EVERY_ENTRY, types, namespace: other.name });
    const [program = '', ...prefix] = other.prefix;
    const oracle = spawn(program, [...prefix, 'conntrack', '-E', 'expect'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let printed = '';
    oracle.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    try {
      await until(async () => JOINED.test(await other.run('cat', ['/proc/net/netlink'])));
      const started = await startSessions(other);
      await other.run(process.execPath, [join(import.meta.dirname, 'support/add-expectations.ts'), '{"flags":0}']);
      started.stdin.end();
      await once(started, 'exit');
      await other.run('conntrack', ['-F']);
      await until(() => /\[DESTROY\].*dport=7000/.test(printed));
      const lines = printed.split('\n').filter((line) => /^ *\[/.test(line));
      const frames = await readUntil(stream, (all) => all.filter(isEvent).length > lines.length);
      const asPrinted = frames
        .filter(isEvent)
        .slice(1)
        .map(({ event, data }) => {
          return `${event === 'expectation-new' ? '[NEW]' : '[DESTROY]'} ${asConntrackPrints(data as unknown as Expectation)}`;
        });
      expect(frames[0]).toMatchObject({ event: 'ready', data: { types } });
      expect(asPrinted.length).toBeGreaterThan(6);
      expect(asPrinted).toEqual(lines.map((line) => line.trim().replace(/\] \d+ /, '] ')));
    } finally {
      oracle.kill();
      await events.close();
      await other.delete();
    }
  });
});

/** Not a heartbeat. */
const isEvent = ({ comment }: Frame): boolean => comment === undefined;

/** The groups that `conntrack -E expect` joins: NEW, UPDATE and DESTROY of expectations. */
const JOINED = / 12 +-?\d+ +00000038 /;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50);
}

async function readUntil(
  stream: AsyncIterator<Uint8Array, undefined>,
  isEnough: (frames: readonly Frame[]) => boolean,
): Promise<readonly Frame[]> {
  let text = '';
  while (!isEnough(framesIn(text))) {
    const next = await Promise.race([stream.next(), once(AbortSignal.timeout(10_000), 'abort')]);
    if (Array.isArray(next) || next.done === true) break;
    text += Buffer.from(next.value).toString('latin1');
  }
  return framesIn(text);
}
