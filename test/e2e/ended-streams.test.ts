import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelEvents } from '../../src/application/ports/kernel-events.ts';
import { Tokens } from '../../src/application/ports/tokens.ts';
import { openDatabase } from '../../src/journal/open-database.ts';
import { SqliteTokens } from '../../src/journal/tokens/sqlite-tokens.ts';
import { openEdge, type Edge } from './edge.ts';

class EndlessEvents {
  listening = 0;

  listen(): Promise<AsyncIterable<Uint8Array>> {
    return Promise.resolve(this.chunks());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async *chunks(): AsyncGenerator<Uint8Array> {
    this.listening++;
    try {
      for (;;) {
        yield Buffer.from(': heartbeat\n\n');
        await sleep(50);
      }
    } finally {
      this.listening--;
    }
  }
}

const events = new EndlessEvents();
let edge: Edge;
beforeAll(async () => {
  edge = await openEdge([[KernelEvents, events]]);
  await edge.app.listen(0, '127.0.0.1');
});
afterAll(() => edge.close());

/** Settles when the stream of this token has started. `ended` resolves to its duration. */
function listen(secret: string): Promise<{ readonly ended: Promise<number> }> {
  const { port } = edge.app.getHttpServer().address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const request = get({ port, path: '/api/v1/events', headers: { authorization: `Bearer ${secret}` } }, (response) => {
      const began = performance.now();
      const ended = new Promise<number>((end) => {
        response.once('close', () => {
          end(performance.now() - began);
        });
      });
      response.on('error', () => undefined).resume();
      resolve({ ended });
    });
    request.once('error', reject);
  });
}

describe('a running stream', () => {
  it('ends when its token is revoked; other streams continue', async () => {
    const tokens = edge.app.get(Tokens);
    const kept = tokens.create('kept', ['entries:read'], null);
    const revoked = tokens.create('revoked', ['entries:read'], null);
    const other = await listen(kept.secret);
    const stream = await listen(revoked.secret);
    tokens.revoke(revoked.token.id);
    expect(await stream.ended).toBeLessThan(3_000);
    await expect.poll(() => events.listening).toBe(1);
    expect(await Promise.race([other.ended, sleep(1_500, 'goes on')])).toBe('goes on');
    tokens.revoke(kept.token.id);
    await other.ended;
  });

  it('ends when another process, such as the command line, revokes its token', async () => {
    const { secret, token } = edge.app.get(Tokens).create('elsewhere', ['entries:read'], null);
    const stream = await listen(secret);
    const database = openDatabase(edge.dataDir);
    new SqliteTokens(database, { now: () => new Date(), bootMilliseconds: () => 0 }).revoke(token.id);
    database.close();
    expect(await stream.ended).toBeLessThan(3_000);
  });

  it('ends when its token expires', async () => {
    const { secret } = edge.app.get(Tokens).create('brief', ['entries:read'], new Date(Date.now() + 1_200));
    expect(await (await listen(secret)).ended).toBeLessThan(5_000);
  });
});
