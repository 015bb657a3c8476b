import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allBashBlocks, bashBlocks, runBlocks, type ShellContext } from '../support/readme-blocks.ts';
import type { ChangesAnswer } from './support/answers.ts';
import { environment, Home } from './support/home.ts';
import { host } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

/** The pages whose commands run against a service, after the quick start. */
const PAGES = ['docs/api.md', 'docs/persistence.md', 'docs/monitoring.md'];

let home: Home;
let service: Service;
let before: { readonly max: number; readonly buckets: number };

beforeAll(async () => {
  before = await live();
  home = await Home.create();
  service = await Service.start(host, home, await home.createToken());
  await host.writeSysctl('buckets', 16_384);
  await host.writeSysctl('max', 65_536);
});

afterAll(async () => {
  await service.stop();
  await host.writeSysctl('buckets', before.buckets);
  await host.writeSysctl('max', before.max);
  await home.remove();
});

function shell(): ShellContext {
  return { cwd: process.cwd(), env: { ...environment, API: `${service.url}/api/v1`, CONNTRACK_API_DATA_DIR: home.dataDir } };
}

async function live(): Promise<{ max: number; buckets: number }> {
  return { max: await host.readSysctl('max'), buckets: await host.readSysctl('buckets') };
}

it('runs the commands of the README and of docs/ as printed: both limits are raised, recorded and rolled back', async () => {
  const pages = await Promise.all(PAGES.map(async (path) => allBashBlocks(await readFile(path, 'utf8'))));
  expect(pages.filter((blocks) => blocks.length === 0)).toEqual([]);
  const { exitCode, transcript } = await runBlocks(
    [...bashBlocks(await readFile('README.md', 'utf8'), 'Quick start'), ...pages.flat()],
    shell(),
  );
  expect(exitCode, transcript).toBe(0);

  const { body } = await service.request<ChangesAnswer>('GET', '/changes');
  expect(body.items.map(({ outcome, rollbackOf }) => ({ outcome, rollbackOf }))).toEqual([
    { outcome: 'applied', rollbackOf: 1 },
    { outcome: 'applied', rollbackOf: null },
  ]);
  expect(Object.fromEntries((body.items[1]?.settings ?? []).map(({ name, after }) => [name, after]))).toEqual({
    max: 131_072,
    buckets: 32_768,
  });
  expect(await live()).toEqual({ max: 65_536, buckets: 16_384 });
});

/** How-to guides whose commands change and restore the two limits, or read. */
const GUIDES = ['raise-the-limit', 'who-fills-the-table', 'kube-proxy'];

it.each(GUIDES)('runs the commands of docs/how-to/%s.md as printed, which leave both limits as they were', async (guide) => {
  const start = bashBlocks(await readFile('README.md', 'utf8'), 'Quick start').slice(0, 1);
  const blocks = allBashBlocks(await readFile(`docs/how-to/${guide}.md`, 'utf8'));
  expect(blocks).not.toEqual([]);
  const { exitCode, transcript } = await runBlocks([...start, ...blocks], shell());
  expect(exitCode, transcript).toBe(0);
  expect(await live()).toEqual({ max: 65_536, buckets: 16_384 });
});
