import { cp, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Certificate } from '../../src/tls/certificate.ts';
import { openEdge, type Edge } from './edge.ts';
import { answerTo, listen } from './raw.ts';

const PAIRS = join(import.meta.dirname, '../fixtures/tls');
const pem = (name: string): Buffer => readFileSync(join(PAIRS, `${name}.pem`));

let directory: string;
let certificate: Certificate;
let edge: Edge;
let port: number;

async function open(options: { readonly clientCa?: string } = {}): Promise<void> {
  certificate = new Certificate({ cert: join(directory, 'live/cert.pem'), key: join(directory, 'live/key.pem'), ...options });
  edge = await openEdge([], { certificate });
  port = await listen(edge.app);
}

/** Replaces the files as Kubernetes and certbot do: the paths stay the same, and the directory behind them is switched. */
async function put(cert: string, key: string): Promise<void> {
  const version = await mkdtemp(join(directory, 'version-'));
  await cp(join(PAIRS, `${cert}.pem`), join(version, 'cert.pem'));
  await cp(join(PAIRS, `${key}.pem`), join(version, 'key.pem'));
  await symlink(version, join(directory, 'next'));
  await rename(join(directory, 'next'), join(directory, 'live'));
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conntrack-api-tls-'));
  await put('server', 'server-key');
});
afterEach(async () => {
  await edge.close();
  await rm(directory, { recursive: true });
});

interface Seen {
  readonly subject: string;
  readonly protocol: string | null;
  readonly status: number;
}

/** One request on its own connection. */
function ask(options: ConnectionOptions = {}): Promise<Seen> {
  const ca = [pem('server'), pem('renewed')];
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  const socket = connect({ port, host: 'localhost', ca, ...options }, () => {
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  });
  socket.once('error', reject);
  socket.once('data', (data: Buffer) => {
    const { subject } = socket.getPeerCertificate();
    resolve({ subject: String(subject.CN), protocol: socket.getProtocol(), status: Number(data.toString().split(' ')[1]) });
    socket.destroy();
  });
  socket.once('close', () => {
    reject(new Error('closed without an answer'));
  });
  return promise;
}

describe('TLS', () => {
  it('is 1.3, or 1.2 if the client supports no more', async () => {
    await open();
    expect(await ask()).toEqual({ subject: 'server', protocol: 'TLSv1.3', status: 200 });
    expect(await ask({ maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2', status: 200 });
    expect(await edge.app.getUrl()).toBe(`https://127.0.0.1:${String(port)}`);
  });

  it('is not 1.1', async () => {
    await open();
    // OpenSSL 3 offers 1.1 only at security level 0.
    await expect(ask({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' })).rejects.toThrow(
      /protocol version|unsupported protocol/,
    );
  });

  it('gives a problem document to clients that speak plain HTTP', async () => {
    await open();
    expect(await answerTo(port, 'GET /api/v1/table HTTP/1.1\r\nHost: localhost\r\n\r\n')).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', detail: expect.stringContaining('https://') as string },
    });
  });

  it('accepts only https origins', async () => {
    await open();
    const statusFor = (origin: string) => {
      const { promise, resolve } = Promise.withResolvers<number | undefined>();
      const headers = { host: 'localhost:8477', origin };
      request({ port, host: 'localhost', ca: pem('server'), path: '/api/v1/whoami', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
      return promise;
    };
    expect(await statusFor('https://localhost:8477')).toBe(401);
    expect(await statusFor('http://localhost:8477')).toBe(403);
  });
});

describe('mutual TLS', () => {
  const clientCa = join(PAIRS, 'client-ca.pem');

  it('refuses clients without a certificate, or with one of another authority', async () => {
    await open({ clientCa });
    await expect(ask()).rejects.toThrow(/certificate required|closed|ECONNRESET/);
    await expect(ask({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/handshake failure|closed|ECONNRESET/);
    await expect(ask({ cert: pem('stranger'), key: pem('stranger-key') })).rejects.toThrow(/unknown ca|certificate|closed|ECONNRESET/);
  });

  it('accepts clients with a certificate, which still need a token', async () => {
    await open({ clientCa });
    const client = { ca: pem('server'), cert: pem('client'), key: pem('client-key') };
    expect(await ask(client)).toMatchObject({ status: 200 });
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    request({ port, host: 'localhost', path: '/api/v1/whoami', ...client }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
    expect(await promise).toBe(401);
  });
});

describe('a certificate that changes', () => {
  it('is used once its files no longer change, without a restart', async () => {
    await open();
    expect(await ask()).toMatchObject({ subject: 'server' });
    await put('renewed', 'renewed-key');
    expect([certificate.renewIfChanged(), certificate.renewIfChanged(), certificate.renewIfChanged()]).toEqual([false, true, false]);
    expect(await ask()).toMatchObject({ subject: 'renewed', status: 200 });
  });

  it('stays in use while the new files do not match, which is logged once', async () => {
    await open();
    await put('renewed', 'server-key');
    certificate.renewIfChanged();
    expect(() => certificate.renewIfChanged()).toThrow(`--tls-key ${directory}/live/key.pem does not match --tls-cert`);
    expect(certificate.renewIfChanged()).toBe(false);
    expect(await ask()).toMatchObject({ subject: 'server', status: 200 });
    await put('renewed', 'renewed-key');
    expect([certificate.renewIfChanged(), certificate.renewIfChanged()]).toEqual([false, true]);
    expect(await ask()).toMatchObject({ subject: 'renewed' });
  });

  it('may be missing briefly', async () => {
    await open();
    await rm(join(directory, 'live'));
    certificate.renewIfChanged();
    expect(() => certificate.renewIfChanged()).toThrow('cert.pem cannot be read: ENOENT');
    expect(await ask()).toMatchObject({ subject: 'server' });
    await put('renewed', 'renewed-key');
    expect([certificate.renewIfChanged(), certificate.renewIfChanged()]).toEqual([false, true]);
  });
});
