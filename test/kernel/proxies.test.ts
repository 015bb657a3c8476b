import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeEntries } from './support/made-entries.ts';
import { Home } from './support/home.ts';
import { NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

const NAME = 'conntrack.example';
const ENTRIES = 20_000;

let namespace: NetworkNamespace;
let home: Home;
let service: Service;
let token: string;
let directory: string;
let proxy: ChildProcess | undefined;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('proxies');
  await makeEntries(namespace, ENTRIES);
  home = await Home.create();
  token = await home.createToken();
  service = await Service.start(namespace, home, token, SERVICE_PORT, ['--allowed-hosts', NAME]);
  directory = await mkdtemp(join(tmpdir(), 'conntrack-api-proxies-'));
  const subject = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`];
  const files = ['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')];
  await namespace.run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    ...subject,
    ...files,
  ]);
});

afterEach(async () => {
  if (proxy?.exitCode !== null) return;
  const ended = once(proxy, 'exit');
  proxy.kill('SIGTERM');
  await ended;
});

afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
  await rm(directory, { recursive: true });
});

/** The block of the guide in this language, with the certificate of this test. */
async function configuration(language: 'nginx' | 'caddy'): Promise<string> {
  const page = await readFile('docs/how-to/reverse-proxy.md', 'utf8');
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1] ?? '';
  return block.replace('/etc/ssl/conntrack.pem', `${directory}/cert.pem`).replace('/etc/ssl/conntrack-key.pem', `${directory}/key.pem`);
}

async function startNginx(): Promise<void> {
  const file = join(directory, 'nginx.conf');
  const http = `access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`).join(' ')}`;
  const text = `daemon off;\npid ${directory}/nginx.pid;\nevents {}\nhttp {\n${http}\n${await configuration('nginx')}\n}\n`;
  await writeFile(file, text);
  start('nginx', '-c', file, '-e', 'stderr');
}

async function startCaddy(): Promise<void> {
  const file = join(directory, 'Caddyfile');
  await writeFile(file, `{\n  admin off\n  auto_https disable_redirects\n}\n${await configuration('caddy')}`);
  start('env', `HOME=${directory}`, 'caddy', 'run', '--config', file, '--adapter', 'caddyfile');
}

function start(...command: readonly string[]): void {
  proxy = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...namespace.prefix, ...command], { stdio: 'ignore' });
}

function curl(path: string, ...options: readonly string[]): Promise<string> {
  const to = ['--resolve', `${NAME}:443:127.0.0.1`, '--cacert', join(directory, 'cert.pem'), '-H', `Authorization: Bearer ${token}`];
  return namespace.run('curl', ['--silent', '--show-error', '--fail-with-body', ...to, ...options, `https://${NAME}${path}`]);
}

async function untilReady(): Promise<void> {
  while (proxy?.exitCode === null) {
    const body = await curl('/readyz').catch(() => undefined);
    if (body !== undefined) return;
    await sleep(100);
  }
  throw new Error('The proxy ended.');
}

describe.each([
  ['nginx', startNginx],
  ['Caddy', startCaddy],
] as const)('behind %s, configured as the guide says', (_, startProxy) => {
  it('serves requests, changes, whole dumps and events without delay', async () => {
    await startProxy();
    await untilReady();
    expect(JSON.parse(await curl('/api/v1/table'))).toMatchObject({ layout: 'nf_conntrack' });
    const change = ['-X', 'PATCH', '-H', 'Content-Type: application/json', '-d', '{"settings": {"udp_timeout": 77}, "dryRun": true}'];
    expect(JSON.parse(await curl('/api/v1/settings', ...change))).toHaveProperty('risks');

    const dump = (await curl('/api/v1/entries', '-H', 'Accept: application/x-ndjson')).trimEnd().split('\n');
    expect(dump.length).toBeGreaterThan(ENTRIES);
    expect(JSON.parse(dump.at(-1) ?? '')).toMatchObject({ trailer: { outcome: 'complete' } });

    // Ended by the time limit: whatever the proxy had kept back would be missing.
    const create = sleep(1_500).then(() =>
      namespace.run('conntrack', ['-I', '-p', 'udp', '-s', '10.9.0.1', '-d', '10.9.0.2', '--sport', '7', '--dport', '9', '-t', '60']),
    );
    const events = namespace.run('sh', [
      '-c',
      `timeout 4 curl -sN --resolve ${NAME}:443:127.0.0.1 --cacert ${directory}/cert.pem -H "Authorization: Bearer ${token}" "https://${NAME}/api/v1/events?types=new&destinationPort=9" || true`,
    ]);
    await create;
    expect(await events).toMatch(/event: ready\n[^]*event: new\n[^]*"destinationPort":9/);
    await namespace.run('conntrack', ['-D', '-p', 'udp', '--dport', '9']);
  });

  it('serves nothing under another name', async () => {
    await startProxy();
    await untilReady();
    const body = await curl('/api/v1/table', '-H', 'Host: other.example').catch(() => '');
    expect(body).not.toContain('layout');
  });
});
