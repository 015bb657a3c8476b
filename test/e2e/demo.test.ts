import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Body {
  readonly simulated?: boolean;
  readonly [field: string]: unknown;
}
interface Recorded {
  readonly kind: string;
  readonly settings: readonly { readonly name: string }[];
  readonly actor: { readonly name: string };
  readonly reason: string | null;
}

const START_MILLISECONDS = 60_000;
let child: ChildProcess;
let output = '';
let url: string;
let token: string;
let directory: string;

beforeAll(async () => {
  child = spawn(process.execPath, ['dist/main.js', 'demo', '--port', '0', '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout) createInterface(child.stdout).on('line', (line) => (output += `${line}\n`));
  while (!output.includes('example')) {
    if (child.exitCode !== null) throw new Error(`The demo ended with code ${String(child.exitCode)}:\n${output}`);
    await sleep(50);
  }
  [, url = '', token = ''] = /^ {2}open +(\S+)\/#token=(\S+)$/m.exec(output) ?? [];
  directory = dirname(dirname(/data file +(\S+)/.exec(output)?.[1] ?? ''));
}, START_MILLISECONDS);
afterAll(async () => {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  expect(existsSync(directory)).toBe(false);
});

async function request(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly body: Body }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v1${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Body };
}

async function get<T>(path: string): Promise<T & Body> {
  const { status, body } = await request('GET', path);
  expect({ path, status, simulated: body.simulated }).toEqual({ path, status: 200, simulated: true });
  return body as T & Body;
}

describe('the demo', () => {
  it('has a week of changes: a rollback, drift with its likely owner, and one change to confirm', async () => {
    const { items } = await get<{ items: readonly Recorded[] }>('/changes?limit=50');
    expect(new Set(items.map(({ kind }) => kind))).toEqual(new Set(['change', 'rollback', 'drift', 'confirmation']));
    const drift = items.find(({ kind }) => kind === 'drift');
    expect(drift?.reason).toContain('kube-proxy');
    const awaiting = await get<{ items: readonly { confirmBy: string }[] }>('/changes/awaiting-confirmation');
    expect(awaiting.items).toHaveLength(1);
    const { stdout } = spawnSync(process.execPath, ['dist/main.js', 'journal', 'verify', '--data-dir', `${directory}/data`], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/records, unbroken/);
  });

  it('has a week of history with early drops, an overridden line, and one that only a reboot would apply', async () => {
    const from = new Date(Date.now() - 7 * 86_400_000).toISOString();
    const history = await get<{ samples: readonly { increments?: Readonly<Record<string, number>> }[] }>(
      `/table/history?from=${from}&step=600`,
    );
    expect(history.samples.length).toBeGreaterThan(1_000);
    expect(history.samples.some(({ increments }) => (increments?.['early_drop'] ?? 0) > 0)).toBe(true);
    const { settings } = await get<{ settings: readonly { name: string; overridden: readonly { path: string }[] }[] }>('/boot');
    expect(settings.find(({ name }) => name === 'max')?.overridden.map(({ path }) => path)).toContain('/etc/sysctl.d/50-tuning.conf');
    const { findings } = await get<{ findings: readonly { code: string; message: string }[] }>('/table');
    expect(findings).toEqual([
      expect.objectContaining({ code: 'REBOOT_WOULD_CHANGE', message: 'After a reboot udp_timeout would be 60 (now 30).' }),
    ]);
  });

  it('has flows that come and go, which it reports as events', async () => {
    const ids = async (): Promise<readonly string[]> =>
      (await get<{ items: readonly { id: string }[] }>('/entries?limit=1000')).items.map(({ id }) => id);
    const before = await ids();
    const abort = new AbortController();
    const { body, headers } = await fetch(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` }, signal: abort.signal });
    expect(headers.get('conntrack-simulated')).toBe('true');
    let text = '';
    const reading = (async () => {
      for await (const chunk of body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await expect
      .poll(() => /event: new\n[\s\S]*event: destroy\n|event: destroy\n[\s\S]*event: new\n/.test(text), { timeout: 20_000 })
      .toBe(true);
    abort.abort();
    await reading;
    await expect.poll(async () => (await ids()).some((id) => !before.includes(id)), { timeout: 20_000, interval: 500 }).toBe(true);
    const data = /event: new\ndata: (.*)/.exec(text)?.[1] ?? '';
    expect(JSON.parse(data)).toMatchObject({
      status: expect.arrayContaining(['CONFIRMED']) as string[],
      original: { source: expect.any(String) as string },
    });
  });

  it('deletes entries and records it', async () => {
    const { items } = await get<{ items: readonly { id: string }[] }>('/entries?limit=1&filter=protocol%3Dtcp');
    const id = items[0]?.id ?? '';
    expect(await request('DELETE', `/entries/${id}`)).toMatchObject({ status: 200, body: { outcome: 'applied', simulated: true } });
    expect(await request('GET', `/entries/${id}`)).toMatchObject({ status: 404, body: { code: 'ENTRY_NOT_FOUND' } });
    const filter = 'protocol=icmp';
    const plan = await request('POST', '/entries/delete', { filter, dryRun: true });
    const expectedCount = plan.body['matchedCount'] as number;
    expect(expectedCount).toBeGreaterThan(0);
    const done = await request('POST', '/entries/delete', { filter, expectedCount });
    expect(done).toMatchObject({ status: 200, body: { outcome: 'applied', deletion: { filter } } });
    await sleep(100);
    const left = await get<{ items: readonly object[] }>(`/entries?limit=1000&filter=${encodeURIComponent(filter)}`);
    expect(left.items.length).toBeLessThan(expectedCount / 2);
  });

  it('updates entries, and rolls the update back as far as they are left', async () => {
    const filter = 'protocol=udp and timeout>0';
    const { matchedCount } = (await request('PATCH', '/entries', { filter, mark: 4_660, limit: 50, dryRun: true })).body;
    const update = { filter, mark: 4_660, timeoutSeconds: 3_600, limit: 50, expectedCount: matchedCount };
    const done = await request('PATCH', '/entries', update);
    expect(done).toMatchObject({ status: 200, body: { kind: 'entry-update', outcome: 'applied', update: { selectedCount: 50 } } });
    const marked = await get<{ items: readonly { timeoutSeconds: number }[] }>('/entries?limit=100&filter=mark%3D4660');
    expect(marked.items.length).toBeGreaterThan(25);
    expect(new Set(marked.items.map(({ timeoutSeconds }) => timeoutSeconds))).toEqual(new Set([3_600]));
    const refused = await request('PATCH', '/entries', { ...update, addLabels: [1] });
    expect(refused).toMatchObject({ status: 422, body: { code: 'KERNEL_REFUSED', errno: 'ENOSPC' } });
    const undone = await request('POST', `/changes/${String(done.body['id'])}/rollback`);
    expect(undone).toMatchObject({ status: 200, body: { rollbackOf: done.body['id'], outcome: 'applied' } });
    expect((await get<{ items: readonly object[] }>('/entries?limit=100&filter=mark%3D4660')).items).toEqual([]);
  });

  it('has no other network namespaces', async () => {
    for (const path of ['/table', '/entries', '/events', '/entries/0406c0000232c6336408815d18eb030000'])
      expect(await request('GET', `${path}?namespace=blue`)).toMatchObject({ status: 403, body: { code: 'NAMESPACES_DISABLED' } });
  });

  it('applies changes and rolls them back', async () => {
    const changed = await request('PATCH', '/settings', { settings: { udp_timeout: 45 }, reason: 'try' });
    expect(changed).toMatchObject({ status: 200, body: { outcome: 'applied', simulated: true } });
    expect(await request('POST', `/changes/${String(changed.body['id'])}/rollback`)).toMatchObject({
      status: 200,
      body: { outcome: 'applied' },
    });
    expect((await get<{ value: number }>('/settings/udp_timeout')).value).toBe(30);
  });

  it('ends connections, lists their blocks, and removes them as a recorded change', async () => {
    const filter = 'protocol=tcp and state=ESTABLISHED';
    const plan = await request('POST', '/entries/end', { filter, limit: 3, dryRun: true });
    const matched = Number(plan.body['matchedCount']);
    const ended = await request('POST', '/entries/end', { filter, limit: 3, expectedCount: matched, blockSeconds: 300 });
    expect(ended).toMatchObject({ status: 200, body: { kind: 'deletion', deletion: { deletedCount: 3, blockSeconds: 300 } } });
    const { id } = ended.body;
    expect((await get<{ blocks: object[] }>('/blocks')).blocks).toMatchObject([{ change: id, count: 3 }]);
    expect(await request('DELETE', `/blocks/${String(id)}`)).toMatchObject({ status: 200, body: { kind: 'unblock', relatesTo: id } });
    expect((await get<{ blocks: object[] }>('/blocks')).blocks).toEqual([]);
    expect(await request('DELETE', `/blocks/${String(id)}`)).toMatchObject({ status: 404, body: { code: 'BLOCK_NOT_FOUND' } });
  });

  it.each([
    [{}, ['filter']],
    [{ filter: 'protocol=tcp' }, ['expectedCount']],
    [{ filter: 'protocol=tcp', expectedCount: 1, blockSeconds: 0 }, ['blockSeconds']],
    [{ filter: 'protocol=tcp', expectedCount: 1, blockSeconds: 86_401 }, ['blockSeconds']],
    [{ filter: 'protocol=tcp', expectedCount: 1, limit: 10_001 }, ['limit']],
    [{ filter: 'protocol=tcp', startedAt: '2026-07-29T21:15:02Z' }, ['startedAt']],
    [{ entry: 'ab-12', filter: 'protocol=tcp', expectedCount: 1 }, ['filter', 'expectedCount']],
    [{ entry: 'ab-12', acknowledge: ['ANOTHER'] }, ['acknowledge']],
  ])('ends nothing for %j', async (body, fields) => {
    const { status, body: problem } = await request('POST', '/entries/end', body);
    expect([status, problem['code']]).toEqual([400, 'INVALID_REQUEST']);
    expect((problem['errors'] as { field: string }[]).map(({ field }) => field)).toEqual(fields);
  });
});
