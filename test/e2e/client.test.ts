import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conntrackClient, readLines, type ConntrackClient } from '../../src/client/client.ts';
import { SCOPES } from '../../src/domain/token.ts';
import { startService, type Service } from './service.ts';

let service: Service;
let client: ConntrackClient;

describe('the typed client', () => {
  beforeAll(async () => {
    service = await startService();
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    client = conntrackClient({ url: await service.app.getUrl(), token: service.token(...SCOPES) });
  });
  afterAll(() => service.close());

  it('changes a setting, finds the change in the journal, and rolls it back', async () => {
    const before = await client.GET('/settings/{name}', { params: { path: { name: 'udp_timeout' } } });
    const changed = await client.PATCH('/settings', { body: { settings: { udp_timeout: 31 }, reason: 'typed' } });
    const id = idOf(changed.data);
    expect(changed.data).toMatchObject({ outcome: 'applied', reason: 'typed' });
    const { data } = await client.GET('/changes', { params: { query: { setting: 'udp_timeout' } } });
    expect(data?.items.map((item) => item.id)).toEqual([id]);
    const undone = await client.POST('/changes/{id}/rollback', { params: { path: { id } } });
    expect(undone.data).toMatchObject({ outcome: 'applied', rollbackOf: id });
    const after = await client.GET('/settings/{name}', { params: { path: { name: 'udp_timeout' } } });
    expect(after.data?.value).toBe(before.data?.value);
  });

  it('returns a refusal as a problem document', async () => {
    const { error, data, response } = await client.PATCH('/settings', { body: { settings: { max: 0 } } });
    expect(response.status).toBe(422);
    expect(data).toBeUndefined();
    expect(error?.code).toBe('VALUE_OUT_OF_RANGE');
  });

  it('reads a stream line by line up to its last record', async () => {
    const { data } = await client.GET('/entries', { headers: { accept: 'application/x-ndjson' }, parseAs: 'stream' });
    if (!data) throw new Error('no stream');
    const lines: unknown[] = [];
    for await (const line of readLines(data)) lines.push(JSON.parse(line));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.at(-1)).toHaveProperty('trailer');
  });
});

it('is exported by the built package as conntrack-api/client', async () => {
  const path = createRequire(import.meta.url).resolve('conntrack-api/client');
  expect(Object.keys((await import(path)) as object)).toEqual(['conntrackClient', 'readLines']);
});

it.each([
  ['whole lines', ['a\nb\n'], ['a', 'b']],
  ['a line in parts', ['a', 'b\nc', '\n'], ['ab', 'c']],
  ['a character in parts', [Uint8Array.of(0xc3), Uint8Array.of(0xa9, 0x0a)], ['é']],
  ['a last line without its end', ['a\nb'], ['a', 'b']],
])('readLines reads %s', async (_, chunks, expected) => {
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk));
  const found: string[] = [];
  for await (const line of readLines(ReadableStream.from(bytes))) found.push(line);
  expect(found).toEqual(expected);
});

function idOf(answer: object | undefined): number {
  if (!answer || !('id' in answer) || typeof answer.id !== 'number') throw new Error(`not a change: ${JSON.stringify(answer)}`);
  return answer.id;
}
