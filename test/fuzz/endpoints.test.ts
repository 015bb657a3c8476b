import fc from 'fast-check';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from './settings.ts';
import { Schemas, type OpenApi } from '../contract/schemas.ts';
import { endpointGroups, type Document, type Endpoint } from './document.ts';
import { requestsTo, type FuzzedRequest } from './requests.ts';
import { startService, type FuzzedAnswer, type Memory, type RunningService } from './running-service.ts';

const { FUZZ_REQUESTS = '500', FUZZ_SEED = String(Date.now() % 2 ** 31), FUZZ_ENCLOSED } = process.env;
const REQUESTS = Number(FUZZ_REQUESTS);
const SEED = Number(FUZZ_SEED);
const IS_ENCLOSED = FUZZ_ENCLOSED === 'yes';
const AT_ONCE = 4;
const CHUNK = 100;
/** Statuses for input that is not HTTP or is too large (docs/errors.md). */
const OF_EVERY_REQUEST = [408, 431];
const MORE_REQUESTS = 2_000;
const WARM_UP = 50;
/** Nothing listens there. */
const DISCARD = 9;
/** Allowed growth after warm-up. Resident memory includes garbage; a small leak shows in the live heap. */
const RESIDENT_MEBIBYTES_MORE = 256;
const LIVE_MEBIBYTES_MORE = 8;

const document = parse(readFileSync(join(import.meta.dirname, '../../openapi/openapi.yaml'), 'utf8')) as Document;
const schemas = new Schemas(document as unknown as OpenApi);
const tokenIds: string[] = [];
let known: Readonly<Record<'entries' | 'changes' | 'awaiting' | 'blocks', readonly string[]>> = {
  entries: [],
  changes: [],
  awaiting: [],
  blocks: [],
};
const webhookIds: string[] = [];

/** The used part of a list. */
interface Listed {
  readonly items?: readonly { readonly id: number }[];
}

interface Tally {
  requests: number;
  faults500: number;
  undocumented: number;
  mismatches: number;
  readonly statuses: Map<number, number>;
  /** Operations that succeeded at least once. */
  readonly succeeded: Set<string>;
  readonly found: string[];
}

let service: RunningService;
let warm: Memory;
beforeAll(async () => {
  service = await startService(IS_ENCLOSED);
  // Until each part of the service has run once, its memory only grows.
  for (const endpoints of endpointGroups(document).values()) {
    for (const request of fc.sample(requestsTo(document, endpoints, knownIds), { numRuns: WARM_UP, seed: SEED }))
      await service.ask(request);
  }
  warm = await service.memory();
}, 600_000);
afterAll(() => service.stop());

function knownIds({ path }: Endpoint): readonly string[] {
  if (path.includes('/tokens/')) return tokenIds.slice(-20);
  if (path.includes('/webhooks/')) return webhookIds.slice(-20);
  if (path.includes('/entries/')) return known.entries;
  if (path.includes('/blocks/')) return known.blocks;
  if (path.includes('/settings/')) return SETTINGS;
  return path.endsWith('/confirm') ? known.awaiting : known.changes;
}

async function lookAgain(): Promise<void> {
  const list = async (path: string): Promise<Listed> => (await service.ask(asking(path))).body as Listed;
  const { items: entries = [] } = await list('entries?limit=20');
  const { items: changes = [] } = await list('changes?limit=20');
  const { items: awaiting = [] } = await list('changes/awaiting-confirmation');
  const { blocks = [] } = (await service.ask(asking('blocks'))).body as { readonly blocks?: readonly { readonly change: number }[] };
  const ids = (all: readonly { readonly id: unknown }[]): readonly string[] => all.map(({ id }) => String(id));
  known = { entries: ids(entries), changes: ids(changes), awaiting: ids(awaiting), blocks: blocks.map(({ change: id }) => String(id)) };
}

const asking = (path: string): FuzzedRequest => ({ operationId: '', method: 'GET', path: `/api/v1/${path}`, headers: {}, body: undefined });

/** Ends a flow of its own, so that there is a block to remove. */
async function block(): Promise<void> {
  const socket = createSocket('udp4').unref();
  await new Promise((resolve) => {
    socket.send('x', DISCARD, '127.0.0.1', resolve);
  });
  socket.close();
  const filter = `protocol=udp and destinationPort=${DISCARD}`;
  const { matchedCount } = (await send('POST', 'entries/end', { filter, dryRun: true })).body as { readonly matchedCount?: number };
  await send('POST', 'entries/end', { filter, expectedCount: matchedCount ?? 0 });
}

function send(method: string, path: string, body: object): Promise<FuzzedAnswer> {
  return service.ask({
    ...asking(path),
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function note(tally: Tally, request: FuzzedRequest, { status, mediaType, body }: FuzzedAnswer): void {
  tally.requests++;
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
  if (status < 400) tally.succeeded.add(request.operationId);
  if (request.operationId === 'createToken' && status === 201) tokenIds.push((body as { id: string }).id);
  if (request.operationId === 'createWebhook' && status === 201) webhookIds.push((body as { id: string }).id);
  const say = (what: string): unknown =>
    tally.found.length < 20 &&
    tally.found.push(`${what}: ${JSON.stringify(request).slice(0, 700)} → ${status} ${JSON.stringify(body).slice(0, 500)}`);
  if (status === 500) {
    tally.faults500++;
    say('500');
  }
  if (OF_EVERY_REQUEST.includes(status)) return;
  if (!schemas.statuses(request.operationId).includes(String(status))) {
    tally.undocumented++;
    say('undocumented');
  } else if (request.method !== 'HEAD' && status !== 304) {
    const faults = schemas.faults(request.operationId, status, mediaType, body);
    if (faults.length === 0) return;
    tally.mismatches++;
    say(`mismatch ${faults.slice(0, 3).join('; ')}`);
  }
}

async function fuzz(tally: Tally, endpoints: readonly Endpoint[], requests: number, seed: number): Promise<void> {
  const arbitrary = requestsTo(document, endpoints, knownIds);
  for (let done = 0; done < requests; done += CHUNK) {
    await lookAgain();
    const left = fc.sample(arbitrary, { numRuns: Math.min(CHUNK, requests - done), seed: seed + done });
    const ask = async (): Promise<void> => {
      for (let next = left.pop(); next; next = left.pop()) note(tally, next, await service.ask(next));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
  }
}

/** Repeats operations that never succeeded, and returns those that still have not. */
async function neverSucceeding(tally: Tally, endpoints: readonly Endpoint[]): Promise<readonly string[]> {
  const isLeft = ({ operation }: Endpoint): boolean => !tally.succeeded.has(operation.operationId);
  for (let more = 0; more < MORE_REQUESTS && endpoints.some(isLeft); more += CHUNK) {
    // Those before may have left nothing to roll back or to confirm.
    await send('PATCH', 'settings', { settings: { icmp_timeout: 31 + more } });
    await send('PATCH', 'settings', { settings: { generic_timeout: 601 + more }, confirmWithinSeconds: 600 });
    await block();
    await fuzz(tally, endpoints.filter(isLeft), CHUNK, SEED - CHUNK - more);
  }
  return endpoints.filter(isLeft).map(({ operation }) => operation.operationId);
}

describe(`requests generated from the OpenAPI document, FUZZ_SEED=${SEED}`, () => {
  it.each([...endpointGroups(document)].map(([group, endpoints], at) => ({ group, endpoints, at })))(
    'to $group are all answered as it says',
    async ({ group, endpoints, at }) => {
      const tally: Tally = {
        requests: 0,
        faults500: 0,
        undocumented: 0,
        mismatches: 0,
        statuses: new Map(),
        succeeded: new Set(),
        found: [],
      };
      await fuzz(tally, endpoints, REQUESTS, SEED + 1_000_003 * at);
      // An operation that always gives a documented refusal has no mismatch. On a recorded tree, some can only be refused.
      const never = IS_ENCLOSED ? await neverSucceeding(tally, endpoints) : [];
      const { resident, live } = await service.memory();
      const statuses = [...tally.statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}:${count}`);
      process.stdout.write(
        `${group}: ${tally.requests} requests, 500s ${tally.faults500}, undocumented ${tally.undocumented}, mismatches ${tally.mismatches} ` +
          `(${statuses.join(' ')}; resident ${resident.toFixed(0)} MiB, live ${live.toFixed(1)} MiB)\n`,
      );
      expect(tally.found).toEqual([]);
      expect(never).toEqual([]);
      expect(resident).toBeLessThan(warm.resident + RESIDENT_MEBIBYTES_MORE);
      expect(live).toBeLessThan(warm.live + LIVE_MEBIBYTES_MORE);
    },
  );
});
