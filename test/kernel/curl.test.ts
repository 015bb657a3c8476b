import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { curlCommands } from '../support/curl-examples.ts';
import { copyProduct } from '../reliability/support/product.ts';
import { allBashBlocks, bashBlocks, runBlocks, type ShellContext } from '../support/readme-blocks.ts';
import type { ChangesAnswer } from './support/answers.ts';
import { environment, Home } from './support/home.ts';
import { NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

const TIMEOUTS = ['udp_timeout', 'udp_timeout_stream'];

let product: string;
let home: Home;
let namespace: NetworkNamespace;
let service: Service;

beforeAll(async () => {
  home = await Home.create();
  // A separate table, so that the page's deletions and counts do not affect other tests.
  namespace = await NetworkNamespace.create('curl');
  await namespace.talk();
  // The page persists values, which is refused in a namespace that is not the host's.
  product = await mkdtemp(join(tmpdir(), 'conntrack-api-curl-'));
  await copyProduct('dist', product);
  service = await Service.start(namespace, home, await home.createToken(), SERVICE_PORT, ['--namespaces'], join(product, 'dist/main.js'));
});

afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
  await rm(product, { recursive: true });
});

function shell(): ShellContext {
  const env = { ...environment, API: `${service.url}/api/v1`, CONNTRACK_API_DATA_DIR: home.dataDir };
  return { prefix: namespace.prefix, cwd: process.cwd(), env };
}

const timeouts = (): Promise<number[]> => Promise.all(TIMEOUTS.map((name) => namespace.readSysctl(name)));

async function ownFiles(): Promise<readonly string[]> {
  const listed = await Promise.all(['sysctl.d', 'modprobe.d', 'modules-load.d'].map((name) => readdir(join(home.etc, name))));
  return listed.flat().filter((name) => name.includes('conntrack-api'));
}

it('runs every command of docs/curl.md as printed; each succeeds, and nothing is changed at the end', async () => {
  const page = await readFile('docs/curl.md', 'utf8');
  const [first = ''] = bashBlocks(await readFile('README.md', 'utf8'), 'Quick start');
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
  const blocks = headings.flatMap((heading) => bashBlocks(page, heading));
  const before = await timeouts();

  const { exitCode, transcript } = await runBlocks([first, ...blocks], shell());
  expect(exitCode, transcript).toBe(0);
  expect(transcript.match(/\+ curl -sS /g)).toHaveLength(curlCommands(first).length + curlCommands(page).length);

  const { body } = await service.request<ChangesAnswer>('GET', '/changes');
  expect(body.items.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
    'rollback applied',
    'rollback-to applied',
    'confirmation applied',
    'change applied',
    'change applied',
    'change applied',
    'unblock applied',
    'deletion applied',
    'deletion applied',
    'deletion applied',
    'entry-update applied',
    'entry-update applied',
  ]);
  expect(await timeouts()).toEqual(before);
  expect(await ownFiles()).toEqual([]);
});

it('runs the commands of docs/how-to/log-nat-mappings.md as printed: the flow is found, and both settings are rolled back', async () => {
  const [first = ''] = bashBlocks(await readFile('README.md', 'utf8'), 'Quick start');
  const blocks = allBashBlocks(await readFile('docs/how-to/log-nat-mappings.md', 'utf8'));
  const before = [await namespace.readSysctl('timestamp'), await namespace.readSysctl('acct')];
  const { exitCode, transcript } = await runBlocks([first, ...blocks], shell());
  expect(exitCode, transcript).toBe(0);
  expect([await namespace.readSysctl('timestamp'), await namespace.readSysctl('acct')]).toEqual(before);
});
