import { statSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exactScope } from '../../src/application/ports/kernel.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { HostEntries } from '../../src/kernel/dump/host-entries.ts';
import { NamedNamespaces } from '../../src/kernel/named-namespaces.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import type { ChangeAnswer, ChangesAnswer, ProblemAnswer } from './support/answers.ts';
import { Home } from './support/home.ts';
import { makeEntries } from './support/made-entries.ts';
import { host, NetworkNamespace } from './support/network-namespace.ts';
import { run } from './support/run.ts';
import { Service } from './support/service.ts';

interface Changed extends ChangeAnswer {
  readonly namespace?: { readonly name: string; readonly identity: string };
}

const ENABLED = ['env', 'CONNTRACK_API_NAMESPACES=true'];
const WINDOW_SECONDS = 10;

let blue: NetworkNamespace;
let home: Home;
let token: string;
let service: Service;
let onHost: number;

beforeAll(async () => {
  blue = await NetworkNamespace.create('blue');
  home = await Home.create();
  token = await home.createToken();
  service = await Service.start({ prefix: ENABLED }, home, token);
  onHost = await host.readSysctl('udp_timeout');
});

afterAll(async () => {
  await service.stop();
  await run('ip', ['netns', 'delete', blue.name]).catch(() => undefined);
  await home.remove();
});

beforeEach(async () => {
  await blue.writeSysctl('udp_timeout', 50);
});

const patch = (settings: object, more: object = {}): Promise<{ readonly status: number; readonly body: Changed & ProblemAnswer }> =>
  service.request('PATCH', `/settings?namespace=${blue.name}`, { body: { settings, ...more } });
const post = (path: string): Promise<{ readonly status: number; readonly body: Changed & ProblemAnswer }> =>
  service.request('POST', path, { body: {} });

/** Deletes the namespace and creates another of its name, until that one has the inode of the first. */
async function replaceWithSameInode(): Promise<void> {
  const path = join('/run/netns', blue.name);
  const { ino } = statSync(path, { bigint: true });
  await run('ip', ['netns', 'delete', blue.name]);
  for (let attempt = 0; attempt < 200; attempt++) {
    await run('ip', ['netns', 'add', blue.name]);
    if (statSync(path, { bigint: true }).ino === ino) return;
    await run('ip', ['netns', 'delete', blue.name]);
    await sleep(50);
  }
  throw new Error('The kernel did not use the inode again.');
}

describe('a change in a named network namespace', () => {
  it('writes there and not on the host, and is rolled back there', async () => {
    const { status, body } = await patch({ nf_conntrack_udp_timeout: 51, acct: 1 });
    expect({ status, outcome: body.outcome, name: body.namespace?.name }).toEqual({ status: 200, outcome: 'applied', name: blue.name });
    expect([await blue.readSysctl('udp_timeout'), await blue.readSysctl('acct')]).toEqual([51, 1]);
    expect(await host.readSysctl('udp_timeout')).toBe(onHost);
    const undone = await post(`/changes/${String(body.id)}/rollback`);
    expect(undone.body).toMatchObject({ kind: 'rollback', outcome: 'applied', namespace: body.namespace });
    expect([await blue.readSysctl('udp_timeout'), await blue.readSysctl('acct')]).toEqual([50, 0]);
  });

  it('has a dry run, ranges and refusals like any other', async () => {
    expect((await patch({ udp_timeout: 51 }, { dryRun: true })).body).toMatchObject({
      dryRun: true,
      steps: [{ before: 50, requested: 51 }],
    });
    expect((await patch({ udp_timeout: 0 })).body.code).toBe('VALUE_OUT_OF_RANGE');
    expect((await patch({ udp_timeout: 51 }, { persist: true })).body.code).toBe('NOT_SUPPORTED_HERE');
    const max = await host.readSysctl('max');
    expect((await patch({ max: max + 1 })).body.code).toBe('SETTING_NOT_WRITABLE');
    expect(await host.readSysctl('max')).toBe(max);
    expect(await blue.readSysctl('udp_timeout')).toBe(50);
  });

  it('is rolled back as a whole if the kernel refuses one value', async () => {
    const low = (await blue.readSysctl('frag6_high_thresh')) + 1;
    const { body } = await patch({ udp_timeout: 51, frag6_low_thresh: low });
    expect(body).toMatchObject({ code: 'KERNEL_REFUSED', errno: 'EINVAL' });
    expect(await blue.readSysctl('udp_timeout')).toBe(50);
  });

  it('is reverted there at the deadline, also after the service was killed', async () => {
    const { body } = await patch({ udp_timeout: 51 }, { confirmWithinSeconds: WINDOW_SECONDS });
    await service.kill();
    await sleep(WINDOW_SECONDS * 1_000);
    service = await Service.start({ prefix: ENABLED }, home, token);
    expect(await blue.readSysctl('udp_timeout')).toBe(50);
    const { body: page } = await service.request<ChangesAnswer>('GET', '/changes?limit=1');
    expect(page.items).toMatchObject([{ kind: 'auto-revert', rollbackOf: body.id, outcome: 'applied' }]);
  });

  it('through a name of the service’s own namespace is a change of the host', async () => {
    const own = `own-${blue.name}`;
    await run('touch', [join('/run/netns', own)]);
    await run('mount', ['--bind', '/proc/self/ns/net', join('/run/netns', own)]);
    try {
      const { body } = await service.request<Changed>('PATCH', `/settings?namespace=${own}`, {
        body: { settings: { udp_timeout: onHost } },
      });
      expect(body).toMatchObject({ outcome: 'applied', settings: [{ before: onHost, requested: onHost }] });
      expect(body).not.toHaveProperty('namespace');
    } finally {
      await run('umount', [join('/run/netns', own)]);
      await rm(join('/run/netns', own));
    }
  });

  it('does not follow a link in place of the namespace', async () => {
    const link = `link-${blue.name}`;
    symlinkSync(join('/run/netns', blue.name), join('/run/netns', link));
    try {
      const { body } = await service.request<ProblemAnswer>('PATCH', `/settings?namespace=${link}`, {
        body: { settings: { udp_timeout: 51 } },
      });
      expect(body.code).toBe('NAMESPACE_NOT_FOUND');
    } finally {
      await rm(join('/run/netns', link));
    }
  });
});

describe('another namespace of the same name and with the same inode', () => {
  it('is never changed by a rollback, a confirmation or a revert of the first', async () => {
    const plain = (await patch({ udp_timeout: 51 })).body;
    const open = (await patch({ acct: 1 }, { confirmWithinSeconds: WINDOW_SECONDS })).body;
    await replaceWithSameInode();
    await blue.writeSysctl('udp_timeout', 51);
    await blue.writeSysctl('acct', 1);

    const refusals = [`/changes/${String(plain.id)}/rollback`, `/changes/${String(open.id)}/confirm`];
    for (const path of refusals) {
      const { status, body } = await post(path);
      expect({ path, status, code: body.code }).toEqual({ path, status: 409, code: 'NAMESPACE_REPLACED' });
    }
    await sleep((WINDOW_SECONDS + 2) * 1_000);
    expect([await blue.readSysctl('udp_timeout'), await blue.readSysctl('acct')]).toEqual([51, 1]);
    const { body: page } = await service.request<ChangesAnswer>('GET', '/changes?limit=1');
    expect(page.items).toMatchObject([{ kind: 'auto-revert', rollbackOf: open.id, settings: [], outcome: 'applied' }]);

    const again = (await patch({ udp_timeout: 53 })).body;
    expect(again.outcome).toBe('applied');
    expect(again.namespace?.identity).not.toBe(plain.namespace?.identity);
  });

  it('keeps its entries when entries of the first are deleted or updated', async () => {
    await makeEntries(blue, 4);
    const some = { filter: 'protocol=tcp', expectedCount: 3, limit: 1, namespace: blue.name };
    const deletion = await service.request<Changed>('POST', '/entries/delete', { body: some });
    const update = await service.request<Changed>('PATCH', '/entries', { body: { ...some, expectedCount: 2, mark: 7 } });
    expect(deletion.body).toMatchObject({ outcome: 'applied', namespace: { name: blue.name } });
    expect(update.body.namespace).toEqual(deletion.body.namespace);
    await replaceWithSameInode();
    await makeEntries(blue, 4);

    const entries = new HostEntries('/', new TableGate(), new NamedNamespaces('/', true));
    const scope = exactScope(deletion.body.namespace);
    const id = (await entries.page(EVERY_ENTRY, 1, undefined, { namespace: blue.name })).entries[0]?.id ?? '';
    const refused = { code: 'NAMESPACE_REPLACED' };
    try {
      await expect(entries.delete({ kind: 'matching', filter: EVERY_ENTRY, limit: 9 }, 1, scope)).rejects.toMatchObject(refused);
      await expect(entries.delete({ kind: 'entry', id }, 1, scope)).rejects.toMatchObject(refused);
      await expect(entries.update([{ id, update: { mark: 9 } }], scope)).rejects.toMatchObject(refused);
      await expect(entries.find(id, scope)).rejects.toMatchObject(refused);
      expect((await entries.count(EVERY_ENTRY, { namespace: blue.name })).entries).toBe(4);
    } finally {
      await entries.close();
    }
    const rollback = await service.request<ProblemAnswer>('POST', `/changes/${String(update.body.id)}/rollback`, { body: {} });
    expect({ status: rollback.status, code: rollback.body.code }).toEqual({ status: 409, code: 'NAMESPACE_REPLACED' });
  });
});
