import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChangesAnswer } from '../kernel/support/answers.ts';
import { Home } from '../kernel/support/home.ts';
import { host } from '../kernel/support/network-namespace.ts';
import { run } from '../kernel/support/run.ts';
import { bashBlocks, runBlocks } from '../support/readme-blocks.ts';
import { cleanEnvironment, Started } from './started.ts';

const CHANGED = { max: 131_072, buckets: 32_768 };
const BEFORE = { max: 65_536, buckets: 16_384 };
const env = cleanEnvironment();

let home: Home;
let clone: string;
let found: typeof BEFORE;
let service: Started | undefined;

beforeAll(async () => {
  found = await live();
  home = await Home.create();
  clone = join(home.directory, 'clone');
  // If the host already had the tutorial's values, there would be nothing to change.
  await set(BEFORE);
});

afterAll(async () => {
  await service?.end();
  await set(found);
  await home.remove();
});

async function live(): Promise<typeof BEFORE> {
  return { max: await host.readSysctl('max'), buckets: await host.readSysctl('buckets') };
}

async function set({ max, buckets }: typeof BEFORE): Promise<void> {
  await host.writeSysctl('buckets', buckets);
  await host.writeSysctl('max', max);
}

async function bootFiles(): Promise<readonly string[]> {
  const listed = await Promise.all(['sysctl.d', 'modprobe.d', 'modules-load.d'].map((name) => readdir(join(home.etc, name))));
  return listed.flat().filter((name) => name.includes('conntrack-api'));
}

it('git clone succeeds for the commit checked out here', async () => {
  await run('git', ['clone', '--quiet', process.cwd(), clone], { env });
  const [here, there] = await Promise.all([process.cwd(), clone].map((tree) => run('git', ['-C', tree, 'rev-parse', 'HEAD'], { env })));
  expect(there).toBe(here);
});

it('npm ci succeeds', async () => {
  const { exitCode, transcript } = await runBlocks(['npm ci'], { cwd: clone, env });
  expect(exitCode, transcript).toBe(0);
});

it('npm start serves at the address in the README and prints a token', async () => {
  service = await Started.start(home.wrap(host, ['npm', 'start']), { cwd: clone, env });
  expect(service.api).toBe('http://127.0.0.1:8477/api/v1');
  expect(service.token).toMatch(/^ctapi_/);
});

it('the quick start of the README works, from the first token to the rollback and the verified journal', async () => {
  const blocks = bashBlocks(await readFile(join(clone, 'README.md'), 'utf8'), 'Quick start');
  const { exitCode, transcript } = await runBlocks(blocks, { cwd: clone, env });
  expect(exitCode, transcript).toBe(0);

  const { items } = (await service?.get('/changes')) as ChangesAnswer;
  expect(items.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual(['rollback applied', 'change applied']);
  expect(Object.fromEntries((items[1]?.settings ?? []).map(({ name, after }) => [name, after]))).toEqual(CHANGED);
  expect(items[1]?.files.map(({ path }) => path)).toContain('/etc/sysctl.d/99-zz-conntrack-api.conf');
});

it('live values and boot files are restored', async () => {
  expect(await live()).toEqual(BEFORE);
  expect(await bootFiles()).toEqual([]);
});

it('Ctrl-C stops the service', async () => {
  await service?.end();
  await expect(service?.get('/whoami')).rejects.toThrow('fetch failed');
});
