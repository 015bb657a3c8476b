import { request as httpRequest } from 'node:http';
import { PORT, type Answer } from '../support/service.ts';
import { NAMESPACE } from '../clients/client.ts';

/** A request, and the response or the reason why there is none. */
export interface Exchange {
  readonly what: string;
  readonly answer?: Answer;
  readonly error?: string;
}

interface Options {
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly accept?: string | undefined;
}

/** A stream of events does not end. */
const STREAM_MILLISECONDS = 300;
const TIMEOUT_MILLISECONDS = 120_000;

export function exchange(token: string, method: string, path: string, { body, accept }: Options = {}): Promise<Exchange> {
  const what = `${method} ${path}${accept === undefined ? '' : ` (${accept})`}`;
  const content = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(accept !== undefined && { accept }),
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
  };
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      resolve({ what, error: error.message });
    };
    const sent = httpRequest({ port: PORT, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      let text = '';
      const type = response.headers['content-type'] ?? '';
      const end = (): void => {
        clearTimeout(timer);
        resolve({ what, answer: { status: response.statusCode ?? 0, type, text } });
        sent.destroy();
      };
      response.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(0, 100_000)));
      response.on('error', fail).on('end', end);
      if (type.startsWith('text/event-stream') && response.statusCode === 200) setTimeout(end, STREAM_MILLISECONDS);
    });
    const timer = setTimeout(() => {
      sent.destroy(new Error(`no response within ${TIMEOUT_MILLISECONDS} ms`));
    }, TIMEOUT_MILLISECONDS);
    sent.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    sent.end(content);
  });
}

/** What the requests need to know. Taken from the responses where there are any. */
export interface Known {
  change: number;
  entry: string;
  token: string;
  value: number;
}

interface Document {
  readonly servers: readonly Server[];
  readonly paths: Readonly<Record<string, { readonly get?: Readonly<Record<string, unknown>>; readonly servers?: readonly Server[] }>>;
}

interface Server {
  readonly url: string;
}

const OF_PATH: Readonly<Record<string, (known: Known) => string>> = {
  '/api/v1/entries/{id}': ({ entry }) => `/api/v1/entries/${entry}`,
  '/api/v1/changes/{id}': ({ change }) => `/api/v1/changes/${change}`,
  '/api/v1/settings/{name}': () => '/api/v1/settings/udp_timeout',
  '/api/v1/table/sizing': () => '/api/v1/table/sizing?memoryPercent=10',
  '/api/v1/tokens/{id}/record': ({ token }) => `/api/v1/tokens/${token}/record`,
};

/** Every GET of the OpenAPI document, streams in each format, and what is read in a named namespace. */
export function readsOf({ servers, paths }: Document): readonly ((token: string, known: Known) => Promise<Exchange>)[] {
  const documented = Object.entries(paths)
    .filter(([, { get }]) => get)
    .map(([path, own]) => `${(own.servers ?? servers)[0]?.url.replace(/\/$/, '') ?? ''}${path}`);
  const unknown = documented.filter((path) => path.includes('{') && !(path in OF_PATH));
  if (unknown.length > 0) throw new Error(`There is no example for ${unknown.join(', ')}. Add one here.`);
  const namespaced = ['/table', '/table/counters', '/entries', '/entries/summary', '/events'];
  return [
    ...documented.map((path) => (token: string, known: Known) => exchange(token, 'GET', OF_PATH[path]?.(known) ?? path)),
    ...['application/x-ndjson', 'text/csv'].map((accept) => (token: string) => exchange(token, 'GET', '/api/v1/entries', { accept })),
    ...namespaced.map((path) => (token: string) => exchange(token, 'GET', `/api/v1${path}?namespace=${NAMESPACE}`)),
    (token) => exchange(token, 'GET', '/api/v1/entries/summary?by=source'),
    (token) => exchange(token, 'GET', '/'),
    (token) => exchange(token, 'GET', '/openapi.json'),
  ];
}

/** The mutations, each after the ones that it needs. They also succeed if they are repeated. */
export async function mutate(token: string, known: Known): Promise<readonly Exchange[]> {
  const done: Exchange[] = [];
  const ask = async (method: string, path: string, body: Options['body'] = {}): Promise<{ readonly id?: number | string }> => {
    const next = await exchange(token, method, `/api/v1${path}`, { body });
    done.push(next);
    return next.answer && next.answer.status < 300 ? (JSON.parse(next.answer.text) as { readonly id?: number | string }) : {};
  };
  known.value = 31 + ((known.value + 1) % 20);
  const persisted = await ask('PATCH', '/settings', { settings: { udp_timeout: known.value }, persist: true });
  known.change = Number(persisted.id ?? known.change);
  await ask('PATCH', '/settings', { settings: { udp_timeout: known.value + 1 }, dryRun: true });
  await ask('POST', `/changes/${known.change}/rollback`, { force: true });
  await ask('PATCH', '/settings', { settings: { generic_timeout: known.value }, persist: true });
  await ask('POST', '/settings/unpersist');
  const pending = await ask('PATCH', '/settings', { settings: { icmp_timeout: known.value }, confirmWithinSeconds: 600 });
  await ask('POST', `/changes/${pending.id ?? known.change}/confirm`);
  const created = await ask('POST', '/tokens', { name: 'limits', scopes: ['table:read'] });
  const rotated = await ask('POST', `/tokens/${created.id ?? 'a1b2c3d4e5f6'}/rotate`);
  known.token = String(rotated.id ?? known.token);
  await ask('DELETE', `/tokens/${rotated.id ?? 'a1b2c3d4e5f6'}`);
  await ask('POST', '/entries/delete', { filter: 'protocol=udp', dryRun: true });
  await ask('POST', '/entries/flush', { dryRun: true });
  const page = await exchange(token, 'GET', '/api/v1/entries?limit=1');
  done.push(page);
  known.entry = entryIn(page) ?? known.entry;
  await ask('DELETE', `/entries/${known.entry}`);
  const left = await exchange(token, 'GET', '/api/v1/entries?limit=1');
  done.push(left);
  known.entry = entryIn(left) ?? known.entry;
  return done;
}

function entryIn({ answer }: Exchange): string | undefined {
  if (answer?.status !== 200) return undefined;
  const { items, entries } = JSON.parse(answer.text) as Readonly<Record<string, readonly { readonly id: string }[] | undefined>>;
  return (items ?? entries)?.[0]?.id;
}
