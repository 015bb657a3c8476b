import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setTimeout } from 'node:timers/promises';
import { resolve } from 'node:path';
import type { ChangeAnswer, ChangesAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { host } from './support/network-namespace.ts';
import { run } from './support/run.ts';
import { Service } from './support/service.ts';

const WINDOW_SECONDS = 10;

let home: Home;
let token: string;
let service: Service;
let before: number;

beforeAll(async () => {
  home = await Home.create();
  token = await home.createToken();
});
afterAll(() => home.remove());

beforeEach(async () => {
  before = await host.readSysctl('max');
  service = await Service.start(host, home, token);
});
afterEach(async () => {
  await service.stop();
  await host.writeSysctl('max', before);
});

async function changeWithWindow(max: number): Promise<ChangeAnswer> {
  const body = { settings: { max }, confirmWithinSeconds: WINDOW_SECONDS, acknowledge: ['CHAIN_LENGTH'] };
  const response = await service.request<ChangeAnswer>('PATCH', '/settings', { body });
  expect(response).toMatchObject({ status: 200 });
  expect(await host.readSysctl('max')).toBe(max);
  return response.body;
}

describe('a change with a confirmation window', () => {
  it('is reverted at the next start if the service was killed and the window has ended', async () => {
    await changeWithWindow(before + 1_000);
    await service.kill();
    await setTimeout((WINDOW_SECONDS + 1) * 1_000);
    expect(await host.readSysctl('max')).toBe(before + 1_000);
    service = await Service.start(host, home, token);
    expect(await host.readSysctl('max')).toBe(before);
    const { body } = await service.request<ChangesAnswer>('GET', '/changes?limit=1');
    expect(body.items[0]).toMatchObject({ kind: 'auto-revert', outcome: 'applied' });
  });

  it('is reverted automatically while the service runs, and stays if confirmed', async () => {
    await changeWithWindow(before + 2_000);
    await setTimeout((WINDOW_SECONDS + 2) * 1_000);
    expect(await host.readSysctl('max')).toBe(before);
    const { id } = await changeWithWindow(before + 3_000);
    expect(await service.request('POST', `/changes/${id}/confirm`, { body: {} })).toMatchObject({ status: 200 });
    await setTimeout((WINDOW_SECONDS + 2) * 1_000);
    expect(await host.readSysctl('max')).toBe(before + 3_000);
  });
});

describe('the export of a journal', () => {
  it('passes the verifier of the documentation, and fails it after a value is altered', async () => {
    await service.request('PATCH', '/settings', {
      body: { settings: { max: before + 4_000 }, acknowledge: ['CHAIN_LENGTH'], reason: 'straße' },
    });
    const exported = await home.commandLine('journal', 'export');
    const head = /head (\d+:[0-9a-f]{64})/.exec(await home.commandLine('journal', 'verify'))?.[1] ?? '';
    const verify = (input: string): Promise<string> => run('python3', [resolve('docs/verify-export.py'), head], { input });
    expect(await verify(exported)).toContain(`unbroken, head ${head}`);
    expect((await service.request('GET', '/changes/export')).text).toBe(exported);
    await expect(verify(exported.replace(String(before + 4_000), '1'))).rejects.toThrow(/BROKEN at record/);
    await expect(verify(exported.slice(0, exported.trimEnd().lastIndexOf('\n') + 1))).rejects.toThrow(/anchor/);
  });
});
