import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { SCOPES, type Scope } from '../../src/domain/token.ts';
import { listen } from '../../src/service/listen.ts';
import { overSocket } from '../support/over-socket.ts';
import { startService, type Service } from './service.ts';

const UID = process.getuid?.() ?? 0;
const GID = process.getgid?.() ?? 0;

let directory: string;
let path: string;
let service: Service;
let stopSocket: () => Promise<void>;

/** @param peers users that need no token; default: the current user, with every scope */
async function start(peers?: NonNullable<Config['socket']>['peers'], tcp = true, tls?: Config['tls'], isOptional?: true): Promise<void> {
  const socket = { path, peers: peers ?? [{ kind: 'user', name: String(UID), scopes: SCOPES }], isOptional } as const;
  service = await startService('nf_conntrack', tls && { tls });
  stopSocket = await listen(service.app, { host: '127.0.0.1', port: 0, tcp, tls, socket } as unknown as Config);
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conntrack-api-socket-'));
  path = join(directory, 'run', 'api.sock');
});
afterEach(async () => {
  await stopSocket();
  await service.close();
  await rm(directory, { recursive: true });
});

const allow = (scopes: readonly Scope[], kind: 'user' | 'group' = 'user', id = UID) => [{ kind, name: String(id), scopes }];

describe('the unix socket', () => {
  it('accepts the kernel’s peer credentials as a token, and records the user', async () => {
    await start();
    const whoami = await overSocket(path, 'GET', '/api/v1/whoami');
    expect(whoami.body).toMatchObject({
      id: `uid-${UID}`,
      name: `uid ${UID}`,
      scopes: SCOPES,
      issuer: 'unix socket',
      subject: `uid ${UID}`,
    });
    const changed = await overSocket(path, 'PATCH', '/api/v1/settings', { json: { settings: { tcp_timeout_established: 4_321 } } });
    expect(changed.body).toMatchObject({ outcome: 'applied', actor: { tokenId: `uid-${UID}`, name: `uid ${UID}`, peer: `uid=${UID}` } });
    expect(await service.tree.read('proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established')).toMatch(/^4321\n?$/);
  });

  it('grants a user the scopes of its rule and no more', async () => {
    await start(allow(['table:read']));
    expect((await overSocket(path, 'GET', '/api/v1/table')).status).toBe(200);
    const refused = await overSocket(path, 'GET', '/api/v1/changes');
    expect(refused).toMatchObject({ status: 403, body: { code: 'INSUFFICIENT_SCOPE' } });
  });

  it('supports the members of a group', async () => {
    await start(allow(['table:read'], 'group', GID));
    expect((await overSocket(path, 'GET', '/api/v1/table')).status).toBe(200);
  });

  it('requires a token from other users, and checks any token that is sent', async () => {
    await start(allow(SCOPES, 'user', UID + 1));
    const refused = await overSocket(path, 'GET', '/api/v1/table');
    expect(refused).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED', remedy: expect.stringContaining(`user ${UID}`) as string },
    });
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer realm=/);
    const headers = { authorization: `Bearer ${service.token('table:read')}` };
    expect((await overSocket(path, 'GET', '/api/v1/table', { headers })).status).toBe(200);
  });

  it('does not fall back to the user if a token is invalid', async () => {
    await start();
    for (const authorization of ['Bearer wrong', 'Basic cm9vdDo=', '']) {
      expect((await overSocket(path, 'GET', '/api/v1/table', { headers: { authorization } })).status).toBe(401);
    }
  });

  it('checks hosts and origins too', async () => {
    await start();
    expect((await overSocket(path, 'GET', '/api/v1/table', { headers: { host: 'evil.example' } })).body).toMatchObject({
      code: 'HOST_NOT_ALLOWED',
    });
    const headers = { origin: 'https://evil.example' };
    expect((await overSocket(path, 'GET', '/api/v1/table', { headers })).body).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
  });

  it('does not grant these scopes to clients on the port', async () => {
    await start();
    const port = (await service.app.getUrl()).replace('[::1]', 'localhost');
    expect((await fetch(`${port}/api/v1/table`)).status).toBe(401);
  });

  it('can be the only listener', async () => {
    await start(undefined, false);
    expect((await overSocket(path, 'GET', '/api/v1/table')).status).toBe(200);
    expect((await stat(path)).mode & 0o777).toBe(0o666);
  });

  it('speaks plain HTTP even if the port speaks TLS', async () => {
    const pair = join(import.meta.dirname, '../fixtures/tls/server');
    await start(undefined, true, { cert: `${pair}.pem`, key: `${pair}-key.pem` });
    expect(await service.app.getUrl()).toMatch(/^https:/);
    expect((await overSocket(path, 'GET', '/api/v1/table')).status).toBe(200);
  });

  it('accepts 64 connections per user, and closes the next', async () => {
    await start();
    const held = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const socket = createConnection(path);
        await once(socket, 'connect');
        return socket;
      }),
    );
    const further = createConnection(path);
    await once(further, 'close');
    for (const socket of held) socket.destroy();
    await expect.poll(() => overSocket(path, 'GET', '/healthz').then(({ status }) => status)).toBe(200);
  });

  it('replaces the socket of a killed service, and is removed at the end', async () => {
    const dying = `net.createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    await mkdir(dirname(path));
    await once(spawn(process.execPath, ['-e', dying, path]), 'exit');
    expect((await stat(path)).isSocket()).toBe(true);
    await start();
    expect((await overSocket(path, 'GET', '/api/v1/table')).status).toBe(200);
    await stopSocket();
    expect(existsSync(path)).toBe(false);
  });
});

const socketCapability = async (): Promise<unknown> => {
  const { body } = await service.as('get', '/api/v1/capabilities');
  return (body as { readonly capabilities: readonly { readonly name: string }[] }).capabilities.find(({ name }) => name === 'socket');
};

describe('the default path of the socket', () => {
  const unusable = async (reason: RegExp): Promise<void> => {
    await start(undefined, true, undefined, true);
    expect(await socketCapability()).toEqual({
      name: 'socket',
      available: false,
      reason: expect.stringMatching(reason) as string,
      remedy: expect.stringContaining('--socket') as string,
    });
    expect((await fetch(`${await service.app.getUrl()}/healthz`)).status).toBe(200);
  };

  it('is in the capabilities', async () => {
    await start(undefined, true, undefined, true);
    expect(await socketCapability()).toEqual({ name: 'socket', available: true, via: path });
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o755);
  });

  it('is not used, with the reason, if another service listens on it', async () => {
    await mkdir(dirname(path));
    const other = createServer().listen(path);
    await once(other, 'listening');
    await unusable(/ is already in use by another process\.$/);
    other.close();
  });

  it('is not used if it is too long', async () => {
    path = join(directory, 'x'.repeat(108));
    await unusable(/at most 107 bytes, found \d{3}\.$/);
    expect((await readdir(directory)).join()).toBe('');
  });

  it('is not used if its directory cannot be created', async () => {
    await writeFile(join(directory, 'file'), '');
    path = join(directory, 'file', 'run', 'api.sock');
    await unusable(/ENOTDIR/);
  });
});

describe('a file at the path of the socket', () => {
  const startOver = () => listen(service.app, { tcp: false, socket: { path, peers: [] } } as unknown as Config);

  it('is not replaced if it is not a socket, or another process listens on it', async () => {
    await start();
    await expect(startOver()).rejects.toThrow(/is already in use by another process/);
    await stopSocket();
    await writeFile(path, 'mine');
    await expect(startOver()).rejects.toThrow(/exists and is not a socket/);
  });
});
