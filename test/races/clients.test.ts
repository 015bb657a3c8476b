import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelSettings } from '../../src/application/ports/kernel.ts';
import { startService, type Service } from '../e2e/service.ts';

const CLIENTS = 32;
const ROUNDS = Number(process.env['RACES_ROUNDS'] ?? 12);
const COUNTER = 'udp_timeout';
const API = '/api/v1/settings';

let service: Service;
let url: string;
let secret: string;
/** The writes that reached the kernel, in order: only a turn at the change gate calls write(). */
const kernelWrites: { readonly name: string; readonly value: number }[] = [];

beforeAll(async () => {
  service = await startService();
  secret = service.token('table:read', 'settings:write', 'changes:read');
  const kernel = service.app.get(KernelSettings);
  const write = kernel.write.bind(kernel);
  kernel.write = (name, value) => {
    kernelWrites.push({ name, value });
    return write(name, value);
  };
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  url = await service.app.getUrl();
});
afterAll(() => service.close());

async function patch(settings: Record<string, number>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${API}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ settings, acknowledge: ['CHAIN_LENGTH'] }),
  });
}

async function read(): Promise<{ readonly value: number; readonly etag: string }> {
  const answer = await fetch(`${url}${API}`, { headers: { authorization: `Bearer ${secret}` } });
  const { items } = (await answer.json()) as { readonly items: readonly { readonly name: string; readonly value: number }[] };
  const value = items.find(({ name }) => name === COUNTER)?.value;
  const etag = answer.headers.get('etag');
  // A file of a recorded tree can be seen empty while it is written; one in /proc cannot.
  if (value === undefined) return read();
  if (etag === null) throw new Error(`no ETag in ${String(answer.status)}`);
  return { value, etag };
}

/** All clients at once, each with its own rounds. */
async function race<T>(run: (client: number, round: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      for (let round = 0; round < ROUNDS; round += 1) results.push(await run(client, round));
    }),
  );
  return results;
}

const count = (statuses: readonly number[], wanted: number): number => statuses.filter((status) => status === wanted).length;

describe(`${String(CLIENTS)} clients at once`, () => {
  it('with If-Match lose no update: the value rises by the number of accepted changes', async () => {
    const first = (await read()).value;
    const statuses = await race(async (client) => {
      // Without a pause the clients would run in step. Two write another setting without If-Match, which changes the state for the others.
      await setTimeout(Math.random() * 200);
      if (client % 16 === 0) return (await patch({ icmp_timeout: 10 + Math.floor(Math.random() * 50) })).status === 200 ? 299 : 0;
      const { value, etag } = await read();
      return (await patch({ [COUNTER]: value + 1 }, { 'if-match': etag })).status;
    });
    const accepted = count(statuses, 200);
    const lost = accepted - ((await read()).value - first);
    console.log(
      `If-Match: accepted ${accepted}, refused ${count(statuses, 412)}, unconditional ${count(statuses, 299)}, lost updates ${lost}`,
    );
    expect(accepted).toBeGreaterThan(0);
    expect(count(statuses, 412)).toBeGreaterThan(0);
    expect(accepted + count(statuses, 412) + count(statuses, 299)).toBe(CLIENTS * ROUNDS);
    expect(lost).toBe(0);
  });

  it('with the same Idempotency-Key write to the kernel once', async () => {
    let most = 0;
    const statuses: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const value = 100_000 + round;
      const key = `round-${String(round)}`;
      const once = (): Promise<Response> => patch({ tcp_timeout_established: value }, { 'idempotency-key': `"${key}"` });
      const answers = await Promise.all(Array.from({ length: CLIENTS }, once));
      statuses.push(...answers.map(({ status }) => status));
      const ids = await Promise.all(
        answers.filter(({ status }) => status === 200).map(async (answer) => ((await answer.json()) as { id: number }).id),
      );
      expect(new Set(ids).size).toBe(1);
      most = Math.max(most, kernelWrites.filter((write) => write.name === 'tcp_timeout_established' && write.value === value).length);
    }
    console.log(
      `Idempotency-Key: accepted ${count(statuses, 200)}, refused ${count(statuses, 409)}, kernel writes per key at most ${most}`,
    );
    expect(count(statuses, 200) + count(statuses, 409)).toBe(CLIENTS * ROUNDS);
    expect(most).toBe(1);
  });

  it('are recorded in the order in which the kernel was written', async () => {
    const answer = await fetch(`${url}/api/v1/changes?setting=${COUNTER}&limit=1000`, { headers: { authorization: `Bearer ${secret}` } });
    const { items } = (await answer.json()) as { items: { settings: { name: string; before: number; requested: number }[] }[] };
    const recorded = items
      .flatMap(({ settings }) => settings.filter(({ name, before, requested }) => name === COUNTER && before !== requested))
      .reverse();
    const written = kernelWrites.filter(({ name }) => name === COUNTER).map(({ value }) => value);
    expect(recorded.map(({ requested }) => requested)).toEqual(written.slice(-recorded.length));
    expect(recorded.slice(1).every(({ before }, index) => before === recorded[index]?.requested)).toBe(true);
  });
});
