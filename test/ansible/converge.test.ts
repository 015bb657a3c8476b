import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChangesAnswer } from '../kernel/support/answers.ts';
import { Home } from '../kernel/support/home.ts';
import { host } from '../kernel/support/network-namespace.ts';
import { Service } from '../kernel/support/service.ts';
import { Controller, type Variables } from './controller.ts';

/** The settings of the example playbook. */
const REQUESTED = { max: 131_072, buckets: 32_768, udp_timeout: 45 };
const NAMES = Object.keys(REQUESTED) as (keyof typeof REQUESTED)[];

let home: Home;
let service: Service;
let controller: Controller;
let url: Variables;
let before: Record<string, number>;

beforeAll(async () => {
  before = await live();
  home = await Home.create();
  service = await Service.start(host, home, await home.createToken());
  url = { conntrack_api_url: service.url };
  controller = await Controller.create(home.directory, await home.createToken('table:read,settings:write,settings:persist'));
  // If the host already had these values, there would be nothing to change.
  await set({ buckets: 16_384, max: 65_536, udp_timeout: 30 });
});

afterAll(async () => {
  await service.stop();
  await set(before);
  await home.remove();
});

async function live(): Promise<Record<string, number>> {
  return Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await host.readSysctl(name)] as const)));
}

async function set(values: Record<string, number>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await host.writeSysctl(name, value);
}

/** Recorded changes that a client requested, newest first. */
async function changes(): Promise<ChangesAnswer['items']> {
  const { body } = await service.request<ChangesAnswer>('GET', '/changes');
  return body.items.filter(({ kind }) => kind === 'change');
}

it('in check mode, shows what would change, and changes and records nothing', async () => {
  const found = await live();
  const { exitCode, changed, text } = await controller.play(url, '--check');
  expect(exitCode, text).toBe(0);
  expect(changed).toBe(1);
  expect(text).toContain('"buckets: 16384 -> 32768"');
  expect(text).toContain('"max: 65536 -> 131072"');
  expect(text).toContain('"udp_timeout: 30 -> 45"');
  expect(text).toContain('"/etc/sysctl.d/99-zz-conntrack-api.conf: written"');
  expect(await live()).toEqual(found);
  expect(await changes()).toEqual([]);
});

it('applies and persists the values in the first run, as one recorded change', async () => {
  const { exitCode, changed, text } = await controller.play(url);
  expect(exitCode, text).toBe(0);
  expect(changed).toBe(1);
  expect(await live()).toEqual(REQUESTED);
  const written = await readFile(join(home.etc, 'sysctl.d/99-zz-conntrack-api.conf'), 'utf8');
  for (const name of NAMES) expect(written).toContain(`net.netfilter.nf_conntrack_${name} = ${String(REQUESTED[name])}\n`);
  expect(await changes()).toMatchObject([{ outcome: 'applied', reason: 'black friday' }]);
});

it('changes nothing in the second run, and reports that nothing changed', async () => {
  expect(await controller.play(url)).toMatchObject({ exitCode: 0, changed: 0, failed: 0 });
  expect(await changes()).toHaveLength(1);
});

it('corrects a value that was set manually, and changes nothing else', async () => {
  await host.writeSysctl('udp_timeout', 31);
  expect(await controller.play(url)).toMatchObject({ exitCode: 0, changed: 1 });
  expect(await live()).toEqual(REQUESTED);
  const [latest] = await changes();
  expect(latest?.settings).toMatchObject([{ name: 'udp_timeout', before: 31, after: 45 }]);
  expect(latest?.files).toEqual([]);
});

it('persists a value that is already live, unless conntrack_api_persist is false', async () => {
  const same = { ...url, conntrack_api_settings: { udp_timeout_stream: await host.readSysctl('udp_timeout_stream') } };
  expect(await controller.play({ ...same, conntrack_api_persist: false })).toMatchObject({ exitCode: 0, changed: 0 });
  expect(await controller.play(same)).toMatchObject({ exitCode: 0, changed: 1 });
});

it('converges with a number of buckets that the kernel rounds up', async () => {
  // Strings, because Ansible turns templated numbers into strings.
  const rounded = { ...url, conntrack_api_settings: { max: '110000', buckets: '30000' } };
  const runs = [await controller.play(rounded), await controller.play(rounded)];
  expect(runs).toMatchObject([
    { exitCode: 0, changed: 1 },
    { exitCode: 0, changed: 0 },
  ]);
  expect(await host.readSysctl('buckets')).toBeGreaterThan(30_000);
});

it('fails with the message of an unacknowledged risk, also in check mode, and succeeds once it is acknowledged', async () => {
  const found = await live();
  const risky = { ...url, conntrack_api_settings: { max: 131_072, buckets: 8_192 }, conntrack_api_persist: false };
  const refused = await controller.play(risky);
  expect(refused).toMatchObject({ exitCode: 2, changed: 0, failed: 1 });
  expect(failure(refused.text)).toMatch(
    /^422 RISK_UNACKNOWLEDGED: 131072 entries in 8192 buckets .* repeat with "acknowledge": \["CHAIN_LENGTH"\]/,
  );
  expect(refused.text).not.toContain('Traceback');
  const foreseen = await controller.play(risky, '--check');
  expect(foreseen).toMatchObject({ exitCode: 2, changed: 0, failed: 1 });
  expect(failure(foreseen.text)).toBe('The change would be refused for CHAIN_LENGTH: see above.');
  expect(await live()).toEqual(found);
  expect(await controller.play({ ...risky, conntrack_api_acknowledge: ['CHAIN_LENGTH'] })).toMatchObject({ exitCode: 0, changed: 1 });
  expect(await host.readSysctl('buckets')).toBe(8_192);
});

it.each([
  ['a wrong token', { conntrack_api_token: 'ctapi_0' }, /^401 UNAUTHENTICATED: /],
  [
    'a service that does not run',
    { conntrack_api_url: 'http://127.0.0.1:1' },
    /^The response is not a problem document: .*Connection refused/,
  ],
  [
    'a state that another tool has changed meanwhile',
    { conntrack_api_etag: '"0"', conntrack_api_settings: { max: 1 } },
    /^412 PRECONDITION_FAILED: /,
  ],
  ['a setting that this kernel does not have', { conntrack_api_settings: { hashsize: 1 } }, /^422 SETTING_UNKNOWN: .* hashsize/],
  [
    'a value that is not a number',
    { conntrack_api_settings: { max: '128k' } },
    /^400 INVALID_REQUEST: settings\.max: expected a JSON integer/,
  ],
])('fails with a readable message for %s', async (_, variables, expected) => {
  const { exitCode, changed, failed, text } = await controller.play({ ...url, ...variables });
  expect({ exitCode, changed, failed }).toEqual({ exitCode: 2, changed: 0, failed: 1 });
  expect(failure(text)).toMatch(expected);
  expect(text).not.toContain('Traceback');
});

/** The message of the failed task. */
function failure(text: string): string {
  const printed = /^fatal: \[localhost\]: FAILED! => (\{.*?^\})/ms.exec(text)?.[1];
  if (printed === undefined) throw new Error(`Expected a task that failed:\n${text}`);
  return (JSON.parse(printed) as { readonly msg: string }).msg;
}
