import { existsSync, readFileSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ChangeAnswer, ChangesAnswer, SettingAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { host } from './support/network-namespace.ts';
import { run } from './support/run.ts';
import { Service } from './support/service.ts';

/** If conntrack is built into the kernel, files for a module have no effect and are not written. */
const OWN_FILES = [
  'sysctl.d/99-zz-conntrack-api.conf',
  ...(isModule() ? ['modprobe.d/conntrack-api.conf', 'modules-load.d/conntrack-api.conf'] : []),
];

let home: Home;
let service: Service;
let before: { readonly max: number; readonly buckets: number };

beforeAll(async () => {
  home = await Home.create();
  service = await Service.start(host, home, await home.createToken());
});

afterAll(async () => {
  await service.stop();
  await home.remove();
});

beforeEach(async () => {
  before = await live();
});

afterEach(async () => {
  await host.writeSysctl('buckets', before.buckets);
  await host.writeSysctl('max', before.max);
});

async function live(): Promise<{ max: number; buckets: number }> {
  return { max: await host.readSysctl('max'), buckets: await host.readSysctl('buckets') };
}

/** The values of the README's example, or others if this machine already has those. */
function target(): { max: number; buckets: number } {
  return { max: before.max === 131_072 ? 196_608 : 131_072, buckets: before.buckets === 32_768 ? 49_152 : 32_768 };
}

async function change(body: unknown): Promise<ChangeAnswer> {
  const response = await service.request<ChangeAnswer>('PATCH', '/settings', { body });
  expect(response).toMatchObject({ status: 200 });
  return response.body;
}

async function rollBack(id: number): Promise<ChangeAnswer> {
  const response = await service.request<ChangeAnswer>('POST', `/changes/${id}/rollback`, { body: {} });
  expect(response).toMatchObject({ status: 200 });
  return response.body;
}

function isModule(): boolean {
  return existsSync('/proc/modules') && /^nf_conntrack /m.test(readFileSync('/proc/modules', 'utf8'));
}

function readOwnFiles(): Promise<(string | null)[]> {
  return Promise.all(OWN_FILES.map((name) => readFile(join(home.etc, name), 'utf8').catch(() => null)));
}

it('changes max and buckets now and at boot, records the change, rolls both back, and rolls back the rollback', async () => {
  const settings = target();
  const done = await change({ settings, persist: true, reason: 'kernel test' });
  const files = await readOwnFiles();
  expect(done).toMatchObject({ outcome: 'applied', reason: 'kernel test' });
  expect(Object.fromEntries(done.settings.map(({ name, before: was, after }) => [name, [was, after]]))).toEqual({
    max: [before.max, settings.max],
    buckets: [before.buckets, settings.buckets],
  });
  expect(await live()).toEqual(settings);
  expect(files[0]).toMatch(new RegExp(`nf_conntrack_buckets = ${settings.buckets}\n.*nf_conntrack_max = ${settings.max}\n`, 's'));
  expect(done.files.map(({ path }) => path).toSorted()).toEqual(OWN_FILES.map((name) => `/etc/${name}`).toSorted());
  if (isModule()) {
    expect(files[1]).toMatch(new RegExp(`^options nf_conntrack hashsize=${settings.buckets}$`, 'm'));
    expect(files[2]).toMatch(/^nf_conntrack$/m);
  }

  const { body: listed } = await service.request<ChangesAnswer>('GET', '/changes?limit=1');
  expect(listed.items).toMatchObject([{ id: done.id, outcome: 'applied' }]);

  const back = await rollBack(done.id);
  expect(back).toMatchObject({ outcome: 'applied', rollbackOf: done.id });
  expect(await live()).toEqual(before);
  expect(await readOwnFiles()).toEqual(OWN_FILES.map(() => null));

  await rollBack(back.id);
  expect(await live()).toEqual(settings);
  expect(await readOwnFiles()).toEqual(files);
});

it('writes its boot files to the /etc of its mount namespace, never to that of this machine', async () => {
  await change({ settings: target(), persist: true });
  expect(await readOwnFiles()).not.toContain(null);
  for (const name of OWN_FILES) await expect(access(join('/etc', name))).rejects.toThrow('ENOENT');
});

it('reports `adjusted` and the new value if the kernel rounds buckets up to a whole page', async () => {
  const pageQuantum = Number(await run('getconf', ['PAGESIZE'])) / 8;
  const rounded = Math.ceil(1_000 / pageQuantum) * pageQuantum;
  expect(await change({ settings: { buckets: 1_000 }, acknowledge: ['CHAIN_LENGTH'] })).toMatchObject({
    outcome: 'adjusted',
    settings: [{ name: 'buckets', before: before.buckets, requested: 1_000, after: rounded }],
  });
  expect(await host.readSysctl('buckets')).toBe(rounded);
  expect(await host.readSysctl('max')).toBe(before.max);
});

it('shows a value changed by another writer, and refuses to roll back over it', async () => {
  const done = await change({ settings: { max: target().max } });
  await host.writeSysctl('max', target().max + 1);
  const { body: shown } = await service.request<SettingAnswer>('GET', '/settings/max');
  const refused = await service.request('POST', `/changes/${done.id}/rollback`, { body: {} });
  expect(shown.value).toBe(target().max + 1);
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'STATE_CHANGED', conflicts: [{ subject: 'max', found: String(target().max + 1) }] },
  });
  expect(await host.readSysctl('max')).toBe(target().max + 1);
});
