import type { Entry } from '../../src/domain/entry.ts';
import { SCOPES, type Scope } from '../../src/domain/token.ts';
import { KernelEntries } from '../../src/application/ports/kernel.ts';
import { toText, type Ask } from '../e2e/ask.ts';
import type { Service } from '../e2e/service.ts';
import { entryOf } from '../support/entry-of.ts';
import { FakeEntries } from '../support/fake-entries.ts';
import type { DocumentedRoute } from './access-matrix.ts';

interface Addresses {
  readonly source: string;
  readonly destination: string;
  /** Both as an entry id contains them. */
  readonly inId: string;
}

/** Not in any documentation or example, so that a hit comes from an entry. */
const IPV4: Addresses = { source: '203.0.113.77', destination: '198.51.100.177', inId: 'cb00714dc63364b1' };
const IPV6: Addresses = {
  source: '2001:db8:77::5',
  destination: '2001:db8:77::6',
  inId: '20010db800770000000000000000000520010db8007700000000000000000006',
};
export const ADDRESSES: readonly string[] = [IPV4, IPV6].flatMap(({ source, destination, inId }) => [source, destination, inId]);

/** A response that contains an address. */
export interface Disclosure {
  readonly request: string;
  readonly scopes: readonly Scope[];
  readonly status: number;
  readonly found: readonly string[];
}

interface Variant {
  readonly name: string;
  readonly path: string;
  readonly body?: object;
  readonly key?: string;
  /** The kernel refuses, with a message that names an address. */
  readonly refused?: true;
}

/** Three UDP entries over IPv4 and three TCP entries over IPv6. */
const TABLE: readonly Entry[] = [...Array(6).keys()].map((index) => {
  const [family, prefix, { source, destination, inId }] = index < 3 ? (['ipv4', '0411', IPV4] as const) : (['ipv6', '0606', IPV6] as const);
  const entry = entryOf({ index, protocol: index < 3 ? 'udp' : 'tcp' });
  const original = { ...entry.original, source, destination };
  const id = `${prefix}${inId}${String(index).padStart(4, '0')}01bb030000-0000000${String(index)}`;
  return { ...entry, id, family, original, reply: { ...entry.reply, source: destination, destination: source } };
});
const idAt = (index: number): string => TABLE[index]?.id ?? '';
/** Matches three entries; its text contains an address. */
const FILTER = `source=${IPV4.source} and protocol=udp`;

/** Requests every route with tokens of these scopes and searches each response, with its headers, for addresses. */
export class ContentWalk {
  requests = 0;
  /** Requests that caused an unexpected error. */
  readonly faults: string[] = [];
  private readonly entries = new FakeEntries();
  private changes: readonly number[] = [];

  constructor(private readonly service: Service) {
    const port = service.app.get(KernelEntries);
    const { entries } = this;
    port.find = entries.find.bind(entries);
    port.count = entries.count.bind(entries);
    port.page = entries.page.bind(entries);
    port.delete = entries.delete.bind(entries);
    port.update = entries.update.bind(entries);
  }

  /** Records a deletion and an update of each kind and with each kind of outcome. */
  async prepare(): Promise<void> {
    const deletions = [...this.deletions(), ...this.oneEntry()].map((variant) => ['post', variant] as const);
    const updates = [...this.updates(), ...this.oneUpdate()].map((variant) => ['patch', variant] as const);
    for (const [method, variant] of [...deletions, ...updates]) await this.ask(method, variant, this.service.token(...SCOPES));
    const listed = await this.service.as('get', '/api/v1/changes').expect(200);
    this.changes = (listed.body as { readonly items: readonly { readonly id: number }[] }).items.map(({ id }) => id);
  }

  async run(routes: readonly DocumentedRoute[], scopes: readonly Scope[]): Promise<readonly Disclosure[]> {
    const secret = this.service.token(...scopes);
    const found: Disclosure[] = [];
    for (const { method, path } of routes) {
      for (const variant of this.variants(method, path)) {
        const { status, text } = await this.ask(method, variant, secret);
        const addresses = ADDRESSES.filter((address) => text.includes(address));
        if (addresses.length > 0) found.push({ request: `${method} ${path} ${variant.name}`.trim(), scopes, status, found: addresses });
      }
    }
    return found;
  }

  private async ask(
    method: DocumentedRoute['method'],
    variant: Variant,
    secret: string,
  ): Promise<{ readonly status: number; readonly text: string }> {
    this.requests++;
    this.entries.table = TABLE;
    const message = `${IPV4.source} is not permitted`;
    this.entries.tamper = variant.refused
      ? () => ({ deleted: 1, gone: 0, entries: TABLE.slice(0, 1), failure: { code: 'EPERM', message } })
      : (work) => work();
    this.entries.tamperUpdate = variant.refused
      ? (work) =>
          work().map((result, index) => (index === 0 ? { ...result, result: 'refused', failure: { errno: 'EPERM', message } } : result))
      : (work) => work();
    const actual = variant.path.startsWith('/api/v1/entries/04') && method !== 'patch' ? 'delete' : method;
    const request: Ask = this.service.raw(actual, variant.path, secret);
    if (variant.key !== undefined) void request.set('idempotency-key', `"${variant.key}"`);
    if (method !== 'head') void request.buffer().parse(toText);
    const { status, body, headers } = await (variant.body ? request.send(variant.body) : request);
    if (status === 500) this.faults.push(`${method} ${variant.path}`);
    return { status, text: JSON.stringify([body, headers]) };
  }

  private variants(method: string, path: string): readonly Variant[] {
    if (path === '/api/v1/entries/delete' && method === 'post') return this.deletions();
    if (path === '/api/v1/entries/flush' && method === 'post') return flushes(path);
    if (path === '/api/v1/entries/{id}' && method === 'delete') return this.oneEntry();
    if (path === '/api/v1/entries' && method === 'patch') return this.updates();
    if (path === '/api/v1/entries/{id}' && method === 'patch') return this.oneUpdate();
    if (path.startsWith('/api/v1/changes/{id}')) {
      return this.changes.map((id) => ({ name: 'of a deletion or an update', path: path.replace('{id}', String(id)) }));
    }
    return [{ name: '', path: path.replace('{name}', 'max').replace('{id}', '4711') }];
  }

  private deletions(): readonly Variant[] {
    const path = '/api/v1/entries/delete';
    const body = { filter: FILTER, expectedCount: 3 };
    return [
      { name: 'dry run', path, body: { filter: 'protocol=udp', dryRun: true } },
      { name: 'deletion', path, body },
      { name: 'with a key', path, body, key: 'done' },
      { name: 'replay', path, body, key: 'done' },
      { name: 'refused by the kernel', path, body, refused: true, key: 'refused' },
      { name: 'replay of a refusal', path, body, key: 'refused' },
      { name: 'wrong count', path, body: { ...body, expectedCount: 1 } },
    ];
  }

  private updates(): readonly Variant[] {
    const path = '/api/v1/entries';
    const body = { filter: FILTER, expectedCount: 3, mark: 9 };
    return [
      { name: 'dry run', path, body: { ...body, dryRun: true } },
      { name: 'update', path, body },
      { name: 'with a key', path, body, key: 'updated' },
      { name: 'replay', path, body, key: 'updated' },
      { name: 'refused by the kernel', path, body, refused: true, key: 'not updated' },
      { name: 'replay of a refusal', path, body, key: 'not updated' },
      { name: 'wrong count', path, body: { ...body, expectedCount: 1 } },
    ];
  }

  private oneUpdate(): readonly Variant[] {
    const path = `/api/v1/entries/${idAt(1)}`;
    const body = { mark: 9 };
    return [
      { name: 'dry run', path, body: { ...body, dryRun: true } },
      { name: 'update', path, body },
      { name: 'refused by the kernel', path, body, refused: true },
      { name: 'replaced', path: `/api/v1/entries/${idAt(1).replace(/-.*/, '-ffffffff')}`, body },
    ];
  }

  private oneEntry(): readonly Variant[] {
    const path = `/api/v1/entries/${idAt(1)}`;
    return [
      { name: 'deletion', path },
      { name: 'with a key', path, key: 'one' },
      { name: 'replay', path, key: 'one' },
      { name: 'refused by the kernel', path, refused: true },
      { name: 'replaced', path: `/api/v1/entries/${idAt(1).replace(/-.*/, '-ffffffff')}` },
    ];
  }
}

function flushes(path: string): readonly Variant[] {
  return [
    { name: 'dry run', path, body: { dryRun: true } },
    { name: 'deletion', path, body: { expectedCount: 6 } },
  ];
}

/** Every set of one or two of these scopes, and all of them together. */
export function setsOf(scopes: readonly Scope[]): readonly (readonly Scope[])[] {
  const pairs = scopes.flatMap((one, index) => scopes.slice(index + 1).map((other) => [one, other]));
  return [...scopes.map((scope) => [scope]), ...pairs, scopes];
}
