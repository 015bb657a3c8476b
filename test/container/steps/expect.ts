import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { HostCapabilities } from '../../../src/domain/capabilities.ts';
import type { ChangeAnswer, ChangesAnswer, ProblemAnswer, SettingAnswer } from '../../kernel/support/answers.ts';
import type { Instance } from '../support/instance.ts';

/** Four entries per bucket and whole pages of buckets: the chains grow no longer, so there is no risk to acknowledge. */
const MORE = { max: 4_096, buckets: 1_024 };
const NET_ADMIN_ONLY = '0000000000001000';

interface Live {
  readonly max: number;
  readonly buckets: number;
}

async function live(): Promise<Live> {
  const [max = 0, buckets = 0] = await Promise.all(
    ['max', 'buckets'].map(async (name) => Number(await readFile(`/proc/sys/net/netfilter/nf_conntrack_${name}`, 'utf8'))),
  );
  return { max, buckets };
}

function raised({ max, buckets }: Live): Live {
  return { max: max + MORE.max, buckets: buckets + MORE.buckets };
}

/** Expects user 0 with one capability, no way to gain more, and a read-only root file system. */
export async function expectConfined(instance: Instance): Promise<void> {
  const status = await instance.exec('cat', '/proc/1/status');
  for (const set of ['CapPrm', 'CapEff', 'CapBnd']) match(status, new RegExp(`^${set}:\\t${NET_ADMIN_ONLY}$`, 'm'));
  match(status, /^NoNewPrivs:\t1$/m);
  match(status, /^Seccomp:\t2$/m);
  equal(await instance.exec('sh', '-c', 'for path in / /app /etc /usr; do touch "$path/x" 2>/dev/null && echo "$path"; done; true'), '');
}

/** Expects the API to return the host's max and buckets, and to read entries. */
export async function expectTable(instance: Instance): Promise<void> {
  const { max, buckets } = await instance.json<Live>('GET', '/api/v1/table');
  deepEqual({ max, buckets }, await live());
  await instance.json('GET', '/api/v1/entries?limit=2');
}

/** Expects every capability to be available except these, each with its reason. */
export async function expectUnavailable(instance: Instance, reasons: Readonly<Record<string, RegExp>>): Promise<void> {
  const { capabilities } = await instance.json<HostCapabilities>('GET', '/api/v1/capabilities');
  const missing = capabilities.filter(({ available, name }) => !available && name !== 'namespaces');
  equal(missing.map(({ name }) => name).join(), Object.keys(reasons).join());
  for (const { name, reason = '', remedy = '' } of missing) match(`${reason} ${remedy}`, reasons[name] ?? /^$/);
}

/** Expects a setting to report that it is not writable, and why. */
export async function expectNotWritable(instance: Instance, name: string, why: RegExp): Promise<void> {
  const { writable, notWritable = '' } = await instance.json<SettingAnswer>('GET', `/api/v1/settings/${name}`);
  ok(!writable);
  match(notWritable, why);
}

/** Expects a change to be refused with this code and the host to be unchanged. */
export async function expectRefused(instance: Instance, code: string): Promise<void> {
  const before = await live();
  const { body } = await instance.request('PATCH', '/api/v1/settings', { settings: { max: raised(before).max } });
  equal((JSON.parse(body) as Partial<ProblemAnswer>).code, code, body);
  deepEqual(await live(), before);
}

/** Applies and persists a change, rolls it back, and checks live values and boot files. @returns the ids of the rollback and the change */
export async function changeAndRollBack(instance: Instance, bootFiles: () => Promise<readonly string[]>): Promise<readonly number[]> {
  const before = await live();
  const body = { settings: raised(before), persist: true, reason: 'container test' };
  const { id } = await instance.json<ChangeAnswer>('PATCH', '/api/v1/settings', body);
  deepEqual(await live(), raised(before));
  ok((await bootFiles()).length > 0, 'expected persisting to write a boot file');
  const { items } = await instance.json<ChangesAnswer>('GET', '/api/v1/changes?setting=max&limit=1');
  equal(items[0]?.id, id);
  const rollback = await instance.json<ChangeAnswer>('POST', `/api/v1/changes/${id}/rollback`);
  equal(rollback.rollbackOf, id);
  deepEqual(await live(), before);
  equal((await bootFiles()).join(), '');
  await instance.exec('node', 'dist/main.js', 'journal', 'verify');
  return [rollback.id, id];
}

/** Expects the journal to contain these changes; it may also contain drift of this host. */
export async function expectRecord(instance: Instance, ids: readonly number[]): Promise<void> {
  const { items } = await instance.json<ChangesAnswer>('GET', '/api/v1/changes?setting=max');
  const recorded = items.map(({ id }) => id);
  deepEqual(
    ids.filter((id) => !recorded.includes(id)),
    [],
    `expected changes ${ids.join()} in the journal, found ${recorded.join()}`,
  );
  await instance.exec('node', 'dist/main.js', 'journal', 'verify');
}
