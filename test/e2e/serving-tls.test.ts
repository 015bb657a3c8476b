import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyKernelTree, type KernelTree } from '../support/kernel-tree.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const PAIRS = join(import.meta.dirname, '../fixtures/tls');
const ca = ['server', 'renewed'].map((name) => readFileSync(join(PAIRS, `${name}.pem`)));

let tree: KernelTree;
let directory: string;
let service: ChildProcess;
let said: string[];

beforeEach(async () => {
  tree = await copyKernelTree('nf_conntrack');
  directory = await mkdtemp(join(tmpdir(), 'conntrack-api-tls-'));
  said = [];
});
afterEach(async () => {
  service.kill();
  if (service.exitCode === null && service.signalCode === null) await once(service, 'exit');
  await tree.remove();
  await rm(directory, { recursive: true });
});

async function put(cert: string, key: string): Promise<void> {
  await cp(join(PAIRS, `${cert}.pem`), join(directory, 'cert.pem'));
  await cp(join(PAIRS, `${key}.pem`), join(directory, 'key.pem'));
}

function serve(...flags: string[]): void {
  const files = ['--tls-cert', join(directory, 'cert.pem'), '--tls-key', join(directory, 'key.pem')];
  const args = ['serve', '--root', tree.root, '--data-dir', join(directory, 'data'), '--port', '0', ...files, ...flags];
  service = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [service.stdout, service.stderr]) if (stream) createInterface(stream).on('line', (line) => said.push(line));
}

async function untilSaid(what: RegExp): Promise<string> {
  for (;;) {
    const found = what.exec(said.join('\n'));
    if (found) return found[1] ?? '';
    await sleep(20);
  }
}

async function subjectAt(port: number): Promise<string> {
  const socket = connect({ port, host: 'localhost', ca });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

it('says https, and takes a new certificate into use by itself and on SIGHUP; a bad one is logged', async () => {
  await put('server', 'server-key');
  serve('--host', '0.0.0.0');
  const port = Number(await untilSaid(/API +https:\/\/\S+:(\d+)\/api\/v1/));
  expect(await subjectAt(port)).toBe('server');
  await put('renewed', 'renewed-key');
  await untilSaid(/the certificate of \S+cert.pem is in use now/);
  expect(await subjectAt(port)).toBe('renewed');
  await put('server', 'renewed-key');
  service.kill('SIGHUP');
  await untilSaid(/key\.pem does not belong to --tls-cert/);
  expect(await subjectAt(port)).toBe('renewed');
  await put('server', 'server-key');
  service.kill('SIGHUP');
  await untilSaid(/is in use now[^]*does not belong[^]*is in use now/);
  expect(await subjectAt(port)).toBe('server');
});

it('does not start with a key of another certificate, and says which files', async () => {
  await put('server', 'renewed-key');
  serve();
  expect(await once(service, 'exit')).toEqual([1, null]);
  expect(said.join('\n')).toContain(`conntrack-api: --tls-key ${directory}/key.pem does not belong to --tls-cert ${directory}/cert.pem`);
});
