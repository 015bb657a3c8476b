import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { HostCapabilities } from '../../../src/domain/capabilities.ts';
import type { ChangeAnswer, ChangesAnswer, ProblemAnswer, SettingAnswer } from '../../kernel/support/answers.ts';
import type { Instance } from '../support/instance.ts';

/** Four entries a bucket, so that the chains grow no longer and there is no risk to acknowledge; whole pages of buckets. */
const MORE = { max: 4_096, buckets: 1_024 };
const NET_ADMIN_ALONE = '0000000000001000';

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

/** Root with one capability and no way to more, on a root that cannot be written to. */
export async function expectConfined(instance: Instance): Promise<void> {
  const status = await instance.exec('cat', '/proc/1/status');
  for (const set of ['CapPrm', 'CapEff', 'CapBnd']) match(status, new RegExp(`^${set}:\\t${NET_ADMIN_ALONE}$`, 'm'));
  match(status, /^NoNewPrivs:\t1$/m);
  match(status, /^Seccomp:\t2$/m);
  equal(await instance.exec('sh', '-c', 'for path in / /app /etc /usr; do touch "$path/x" 2>/dev/null && echo "$path"; done; true'), '');
}

/** The table of the host, by two ways. */
export async function expectTable(instance: Instance): Promise<void> {
  const { max, buckets } = await instance.json<Live>('GET', '/api/v1/table');
  deepEqual({ max, buckets }, await live());
  await instance.json('GET', '/api/v1/entries?limit=2');
}

/** Everything but these can be done, and of these it is said why not. */
export async function expectUnavailable(instance: Instance, reasons: Readonly<Record<string, RegExp>>): Promise<void> {
  const { capabilities } = await instance.json<HostCapabilities>('GET', '/api/v1/capabilities');
  const missing = capabilities.filter(({ available, name }) => !available && name !== 'namespaces');
  equal(missing.map(({ name }) => name).join(), Object.keys(reasons).join());
  for (const { name, reason = '', remedy = '' } of missing) match(`${reason} ${remedy}`, reasons[name] ?? /^$/);
}

/** Of one setting, its own word. */
export async function expectNotWritable(instance: Instance, name: string, why: RegExp): Promise<void> {
  const { writable, notWritable = '' } = await instance.json<SettingAnswer>('GET', `/api/v1/settings/${name}`);
  ok(!writable);
  match(notWritable, why);
}

/** @throws Error unless it is refused with this code and the host stays as it is */
export async function expectRefused(instance: Instance, code: string): Promise<void> {
  const before = await live();
  const { body } = await instance.request('PATCH', '/api/v1/settings', { settings: { max: raised(before).max } });
  equal((JSON.parse(body) as Partial<ProblemAnswer>).code, code, body);
  deepEqual(await live(), before);
}

/** From the first change to its rollback, with what the boot files have of it. Gives the ids of both. */
export async function changeAndRollBack(instance: Instance, bootFiles: () => Promise<readonly string[]>): Promise<readonly number[]> {
  const before = await live();
  const wanted = { settings: raised(before), persist: true, reason: 'walk' };
  const { id } = await instance.json<ChangeAnswer>('PATCH', '/api/v1/settings', wanted);
  deepEqual(await live(), raised(before));
  ok((await bootFiles()).length > 0, 'persisting wrote no boot file');
  const { items } = await instance.json<ChangesAnswer>('GET', '/api/v1/changes?setting=max&limit=1');
  equal(items[0]?.id, id);
  const rollback = await instance.json<ChangeAnswer>('POST', `/api/v1/changes/${id}/rollback`);
  equal(rollback.rollbackOf, id);
  deepEqual(await live(), before);
  equal((await bootFiles()).join(), '');
  await instance.exec('node', 'dist/main.js', 'journal', 'verify');
  return [rollback.id, id];
}

/** Whatever else somebody may have set on this host meanwhile is on record as drift. */
export async function expectRecord(instance: Instance, ids: readonly number[]): Promise<void> {
  const { items } = await instance.json<ChangesAnswer>('GET', '/api/v1/changes?setting=max');
  const recorded = items.map(({ id }) => id);
  deepEqual(
    ids.filter((id) => !recorded.includes(id)),
    [],
    `changes ${ids.join()} are not all in ${recorded.join()}`,
  );
  await instance.exec('node', 'dist/main.js', 'journal', 'verify');
}
