import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SpawnedService } from './spawned-service.ts';

const PAIRS = join(import.meta.dirname, '../fixtures/tls');
const ca = ['server', 'renewed'].map((name) => readFileSync(join(PAIRS, `${name}.pem`)));

let service: SpawnedService;

beforeEach(async () => {
  service = await SpawnedService.prepare();
});
afterEach(() => service.remove());

async function put(cert: string, key: string): Promise<void> {
  await cp(join(PAIRS, `${cert}.pem`), join(service.directory, 'cert.pem'));
  await cp(join(PAIRS, `${key}.pem`), join(service.directory, 'key.pem'));
}

function serve(...flags: string[]): void {
  service.start('--tls-cert', join(service.directory, 'cert.pem'), '--tls-key', join(service.directory, 'key.pem'), ...flags);
}

async function subjectAt(port: number): Promise<string> {
  const socket = connect({ port, host: 'localhost', ca });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

it('logs https, and uses a new certificate automatically and on SIGHUP; a bad one is logged', async () => {
  await put('server', 'server-key');
  serve('--host', '0.0.0.0');
  const port = Number(await service.untilSaid(/API +https:\/\/\S+:(\d+)\/api\/v1/));
  expect(await subjectAt(port)).toBe('server');
  await put('renewed', 'renewed-key');
  await service.untilSaid(/now using the certificate in \S+cert.pem/);
  expect(await subjectAt(port)).toBe('renewed');
  await put('server', 'renewed-key');
  service.signal('SIGHUP');
  await service.untilSaid(/key\.pem does not match --tls-cert/);
  expect(await subjectAt(port)).toBe('renewed');
  await put('server', 'server-key');
  service.signal('SIGHUP');
  await service.untilSaid(/now using[^]*does not match[^]*now using/);
  expect(await subjectAt(port)).toBe('server');
});

it('does not start with a key of another certificate, and names the files', async () => {
  await put('server', 'renewed-key');
  serve();
  expect(await service.ended()).toBe(1);
  expect(service.lines.join('\n')).toContain(
    `conntrack-api: --tls-key ${service.directory}/key.pem does not match --tls-cert ${service.directory}/cert.pem`,
  );
});
