import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Journal } from '../../src/application/ports/journal.ts';
import { Tokens } from '../../src/application/ports/tokens.ts';
import { listen } from './raw.ts';
import { startService, type Service } from './service.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

interface ExportedRecord {
  readonly sequence: number;
  readonly kind: string;
  readonly changeId: number;
  readonly hash: string;
  readonly previousHash: string;
}

let service: Service;
let port: number;
beforeEach(async () => {
  service = await startService();
  port = await listen(service.app);
});
afterEach(() => service.close());

const change = (value: number) =>
  service
    .as('patch', '/api/v1/settings')
    .send({ settings: { udp_timeout: value } })
    .expect(200);
const head = (): number => service.app.get(Journal).head().sequence;

/** Lines of an export as they arrive. */
class Lines {
  text = '';
  readonly ended: Promise<'complete' | 'broken'>;
  private readonly response: IncomingMessage;

  constructor(response: IncomingMessage) {
    this.response = response;
    response
      .setEncoding('utf8')
      .on('data', (chunk: string) => (this.text += chunk))
      .on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      response.once('close', () => {
        resolve(response.complete ? 'complete' : 'broken');
      });
    });
  }

  get records(): readonly ExportedRecord[] {
    const lines = this.text.slice(0, this.text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ExportedRecord);
  }

  get sequences(): readonly number[] {
    return this.records.map(({ sequence }) => sequence);
  }

  async until(sequence: number): Promise<void> {
    while ((this.sequences.at(-1) ?? 0) < sequence) await sleep(20);
  }

  abort(): void {
    this.response.destroy();
  }
}

function follow(query: string, secret: string): Promise<Lines> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${secret}` };
    const request = get({ port, path: `/api/v1/changes/export?follow=true${query}`, headers }, (response) => {
      if (response.statusCode === 200) resolve(new Lines(response));
      else reject(new Error(String(response.statusCode)));
    });
    request.once('error', reject);
    onTestFinished(() => {
      request.destroy();
    });
  });
}

const reader = (): string => service.token('changes:read', 'entries:read');

describe('following the journal over HTTP', () => {
  it('sends each record once, old and new, and the outcome of a change that was open', async () => {
    await change(41);
    const lines = await follow('', reader());
    await change(42);
    await lines.until(head());
    const { app } = service;
    app.get(Tokens).create('another', ['table:read'], null);
    await lines.until(head());
    expect(lines.sequences).toEqual(Array.from({ length: head() }, (_, index) => index + 1));
    expect(lines.records.map(({ kind }) => kind)).toEqual(['token', 'intent', 'outcome', 'token', 'intent', 'outcome', 'token']);
    for (const [index, { previousHash }] of lines.records.slice(1).entries()) expect(previousHash).toBe(lines.records[index]?.hash);
  });

  it('resumes after any record, also if it or the connection breaks off, without a gap or a repetition', async () => {
    const secret = reader();
    await change(41);
    const first = await follow('', secret);
    await first.until(head());
    first.abort();
    await change(42);
    await service.restart();
    port = await listen(service.app);
    const last = first.records.at(-1);
    const second = await follow(`&after=${String(last?.sequence)}:${String(last?.hash)}`, secret);
    await change(43);
    await second.until(head());
    expect([...first.sequences, ...second.sequences]).toEqual(Array.from({ length: head() }, (_, index) => index + 1));
    const third = await follow(`&after=${String(head())}`, secret);
    await change(44);
    await third.until(head());
    expect(third.sequences).toEqual([head() - 1, head()]);
  });

  it('ends completely when the service stops, and breaks off if its token is revoked', async () => {
    const secret = reader();
    const revoked = await follow('', secret);
    service.app.get(Tokens).revoke(secret.split('_')[1] ?? '');
    expect(await revoked.ended).toBe('broken');
    const stopped = await follow('', reader());
    await stopped.until(head());
    await service.restart();
    expect(await stopped.ended).toBe('complete');
    expect(stopped.sequences.at(-1)).toBe(head());
  });

  it('refuses a record that the journal does not have, with the reason', async () => {
    await change(41);
    const refused = async (query: string, status: number) =>
      (await service.as('get', `/api/v1/changes/export?${query}`).expect(status)).body as Record<string, unknown>;
    const { hash } = service.app.get(Journal).head();
    for (const follows of ['', '&follow=true']) {
      expect(await refused(`after=4${follows}`, 404)).toMatchObject({
        code: 'RECORD_NOT_FOUND',
        detail: expect.stringContaining('ends with record 3') as unknown,
      });
      expect(await refused(`after=2:${hash}${follows}`, 404)).toMatchObject({
        code: 'RECORD_NOT_FOUND',
        detail: expect.stringContaining('another hash') as unknown,
      });
      for (const after of ['-1', '1.5', '01', 'x', `3:${hash.toUpperCase()}`]) {
        expect(await refused(`after=${after}${follows}`, 400)).toMatchObject({ code: 'INVALID_FILTER', errors: [{ field: 'after' }] });
      }
    }
    expect(await refused('follow=yes', 400)).toMatchObject({ code: 'INVALID_FILTER', errors: [{ field: 'follow' }] });
    await service.raw('get', '/api/v1/changes/export?follow=true', service.token('changes:read')).expect(403);
  });

  it('gives one token half of the places, all tokens 16, and a place back when a client disconnects', async () => {
    const [one, other] = [reader(), reader()];
    const open = await Promise.all(Array.from({ length: 8 }, () => follow('', one)));
    await expect(follow('', one)).rejects.toThrow('429');
    await Promise.all(Array.from({ length: 8 }, () => follow('', other)));
    await expect(follow('', reader())).rejects.toThrow('429');
    open[0]?.abort();
    while (
      !(await follow('', one).then(
        () => true,
        () => false,
      ))
    )
      await sleep(20);
  });

  it('starts the response at once, also without a record, and has no stream for HEAD', async () => {
    const secret = reader();
    const lines = await follow(`&after=${String(head())}`, secret);
    expect(lines.records).toEqual([]);
    await service.as('head', '/api/v1/changes/export?follow=true').expect(200);
  });
});

describe('journal export --follow', () => {
  function command(...args: readonly string[]): {
    readonly child: ChildProcess;
    readonly output: () => readonly ExportedRecord[];
    readonly errors: () => string;
  } {
    const child = spawn(process.execPath, [MAIN, 'journal', 'export', ...args, '--data-dir', service.dataDir]);
    let [text, errors] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const lines = () =>
      text
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .filter((line) => line !== '');
    return { child, output: () => lines().map((line) => JSON.parse(line) as ExportedRecord), errors: () => errors };
  }

  async function until(what: () => boolean): Promise<void> {
    while (!what()) await sleep(50);
  }

  it('continues after the last printed record when it was killed', async () => {
    const state = join(service.dataDir, 'forwarded.json');
    await change(41);
    const first = command('--follow', '--state', state);
    await until(() => first.output().length === 3);
    await change(42);
    await until(() => first.output().length === 5);
    await until(() => first.child.kill(0));
    await sleep(500);
    first.child.kill('SIGKILL');
    await change(43);
    const second = command('--follow', '--state', state);
    await until(() => second.output().at(-1)?.sequence === head());
    const all = [...first.output(), ...second.output()].map(({ sequence }) => sequence);
    expect([...new Set(all)]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(second.output()[0]?.sequence).toBeGreaterThan(3);
    second.child.kill('SIGKILL');
    const rest = command('--after', '5');
    await once(rest.child, 'close');
    expect(rest.output().map(({ sequence }) => sequence)).toEqual([6, 7]);
  });

  it('ends with a reason if the journal is replaced or does not have the record, and if nothing reads its output', async () => {
    const followed = command('--follow');
    await until(() => followed.output().length === 1);
    const unread = command('--follow');
    await until(() => unread.output().length === 1);
    unread.child.stdout?.destroy();
    await change(41);
    expect((await once(unread.child, 'exit'))[0]).toBe(1);
    expect(unread.errors()).toContain('EPIPE');
    const missing = command('--after', '99');
    expect((await once(missing.child, 'exit'))[0]).toBe(3);
    expect(missing.errors()).toContain('RECORD_NOT_FOUND');
    await service.restart(async (dataDir) => {
      await rm(join(dataDir, 'conntrack-api.sqlite3'));
      for (const suffix of ['-wal', '-shm']) await rm(join(dataDir, `conntrack-api.sqlite3${suffix}`), { force: true });
    });
    expect((await once(followed.child, 'exit'))[0]).toBe(3);
    expect(followed.errors()).toContain('was replaced by another file');
  });
});
