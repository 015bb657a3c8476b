import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ChangeSettings } from '../../src/application/change/change-settings.ts';
import { KernelEntries, KernelTable } from '../../src/application/ports/kernel.ts';
import { Journal } from '../../src/application/ports/journal.ts';
import type { ClosedChange, Outcome } from '../../src/domain/change.ts';
import { SettingsEtag } from '../../src/http/preconditions/settings-etag.ts';
import { ask, type Answer } from './ask.ts';
import { openEdge, type Edge } from './edge.ts';
import { intent } from '../support/intent.ts';

let edge: Edge;
afterEach(() => edge.close());

const bearer = (): string => `Bearer ${edge.secret}`;

function changeThatEnds(outcome: Partial<Outcome>): ClosedChange {
  const at = new Date('2026-11-27T05:59:12.431Z');
  return {
    ...intent({
      startedAt: at,
      actor: { tokenId: '3f9c2ab81d04', name: 'deploy', peer: '127.0.0.1' },
      reason: null,
      bootId: null,
      settings: [{ name: 'max', before: 262_144, requested: 131_072 }],
      files: [{ path: '/etc/sysctl.conf', before: 'gr\u00c3\u00bc\u00c3\u009f\n', after: null }],
    }),
    id: 7,
    completedAt: at,
    observed: { settings: { max: null }, files: { '/etc/sysctl.conf': '\u00ff' } },
    ...outcome,
  } as unknown as ClosedChange;
}

async function patchThatEnds(outcome: Partial<Outcome>): Promise<Answer> {
  edge = await openEdge([
    [ChangeSettings, { run: () => Promise.resolve(changeThatEnds(outcome)) }],
    [SettingsEtag, { after: () => Promise.resolve(undefined) }],
    [Journal, { head: () => ({ sequence: 14, hash: 'f'.repeat(64) }) }],
  ]);
  return ask(edge.app.getHttpServer(), 'patch', '/api/v1/settings')
    .set('authorization', bearer())
    .send({ settings: { max: 131_072 } });
}

describe('a change that failed', () => {
  const failure = { code: 'KERNEL_REFUSED', message: 'The kernel refused 131072 for max.', errno: 'EPERM' } as const;

  it('gives a problem with the failure and the recorded change', async () => {
    const { status, body, headers } = await patchThatEnds({ outcome: 'failed', failure });
    expect(status).toBe(422);
    expect(headers['conntrack-journal-head']).toBe(`14:${'f'.repeat(64)}`);
    expect(body).toMatchObject({ code: 'KERNEL_REFUSED', errno: 'EPERM', changeId: 7, change: { id: 7, outcome: 'failed', failure } });
  });

  it('reports a write that succeeded without effect', async () => {
    const { status, body } = await patchThatEnds({
      outcome: 'not-effective',
      failure: { code: 'WRITE_NOT_EFFECTIVE', message: 'It kept 1.' },
    });
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'WRITE_NOT_EFFECTIVE', changeId: 7, change: { outcome: 'not-effective' } });
  });

  it('reports both failures if the rollback failed too', async () => {
    const restoreFailure = { code: 'KERNEL_REFUSED', message: 'Refused again.' } as const;
    const { status, body } = await patchThatEnds({ outcome: 'restore-failed', failure, restoreFailure });
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'RESTORE_FAILED', changeId: 7, change: { failure, restoreFailure } });
    expect((body as { detail: string }).detail).toContain('Refused again.');
  });

  it('shows an unreadable value as null, and files as text if they are text', async () => {
    const { body } = await patchThatEnds({ outcome: 'applied' });
    expect(body).toMatchObject({ settings: [{ after: null }], files: [{ before: 'grüß\n', after: '\u00ff' }] });
  });
});

describe('a bug in the service', () => {
  it('gives INTERNAL without details for the client', async () => {
    edge = await openEdge([[KernelTable, { read: () => Promise.reject(new Error('secret detail')) }]]);
    const response = await ask(edge.app.getHttpServer(), 'get', '/api/v1/table').set('authorization', bearer());
    expect(response.status).toBe(500);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.body).toMatchObject({ code: 'INTERNAL', status: 500 });
    expect(response.text).not.toContain('secret');
  });
});

describe('a stream of entries', () => {
  it('ends the dump at once when the client disconnects, and reads ahead only within bounds', async () => {
    const dump = endlessDump();
    edge = await openEdge([[KernelEntries, { stream: () => Promise.resolve(dump.chunks()) }]]);
    const port = await listen();
    const client = httpRequest({ port, path: '/api/v1/entries', headers: { authorization: bearer(), accept: 'text/csv' } }).end();
    const [response] = (await once(client, 'response')) as [NodeJS.ReadableStream];
    await once(response, 'data');
    client.destroy();
    await dump.ended;
    expect(dump.produced()).toBeLessThan(64 * 1024 * 1024);
  });

  it('only counts for HEAD', async () => {
    const dump = endlessDump();
    const count = () =>
      Promise.resolve({ outcome: 'complete', entries: 7, scanned: 9, unparsed: 0, source: 'ctnetlink', filteredByKernel: false });
    edge = await openEdge([[KernelEntries, { stream: () => Promise.resolve(dump.chunks()), count }]]);
    const response = await ask(edge.app.getHttpServer(), 'head', '/api/v1/entries')
      .set('authorization', bearer())
      .set('accept', 'text/csv');
    expect(response.status).toBe(200);
    expect(response.headers).toMatchObject({ 'conntrack-entries': '7', 'conntrack-dump-outcome': 'complete' });
    expect(dump.produced()).toBe(0);
  });
});

describe('input that is not a valid HTTP request', () => {
  it.each([
    ['headers too large', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['nonsense', 'nonsense\r\n\r\n', 400],
  ])('gives a problem document: %s', async (_what, sent, status) => {
    edge = await openEdge([], { simulated: true });
    const answer = await rawAnswerTo(sent);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer).toContain('conntrack-simulated: true');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'INVALID_REQUEST', status, simulated: true });
  });
});

function endlessDump() {
  let bytes = 0;
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        await new Promise(setImmediate);
        bytes += 65_536;
        yield Buffer.alloc(65_536, 'x');
      }
    } finally {
      resolve(undefined);
    }
  }
  return { chunks, ended, produced: () => bytes };
}

async function listen(): Promise<number> {
  await edge.app.listen({ host: '127.0.0.1', port: 0 });
  return ((edge.app.getHttpServer() as { address(): unknown }).address() as AddressInfo).port;
}

async function rawAnswerTo(sent: string): Promise<string> {
  const socket = connect(await listen(), '127.0.0.1');
  socket.end(sent);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += String(chunk);
  return answer;
}
