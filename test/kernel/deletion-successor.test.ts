import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deletion } from '../../src/domain/deletion.ts';
import type { Entry } from '../../src/domain/entry.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { HostEntries } from '../../src/kernel/dump/host-entries.ts';
import { NamedNamespaces } from '../../src/kernel/named-namespaces.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import { makeEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

const DELETER = join(import.meta.dirname, 'support/delete-as-read.ts');
const FLOW = ['-p', 'udp', '-s', '10.9.0.1', '-d', '10.9.0.2', '--sport', '4242', '--dport', '53'];
/** The kernel reuses the memory of an entry in about four of ten cases. */
const TRIES = 200;

let namespace: NetworkNamespace;
let entries: HostEntries;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('successor');
  await namespace.writeSysctl('timestamp', 1);
  entries = new HostEntries('/', new TableGate(), new NamedNamespaces('/', true));
});

afterAll(async () => {
  await entries.close();
  await namespace.delete();
});

async function only(): Promise<Entry> {
  const { entries: found } = await entries.page(EVERY_ENTRY, 2, undefined, { namespace: namespace.name });
  expect(found).toHaveLength(1);
  return found[0] as Entry;
}

async function begin(): Promise<Entry> {
  await namespace.run('conntrack', ['-I', ...FLOW, '-t', '3600']);
  return only();
}

const remove = (id: string, startedAt?: string): Promise<Deletion> =>
  entries.delete({ kind: 'entry', id, ...(startedAt !== undefined && { startedAt }) }, 1, { namespace: namespace.name });

/** A flow whose successor has its tuple and its id, and the successor. The first has ended. */
async function replaced(): Promise<readonly [first: Entry, successor: Entry]> {
  let first = await begin();
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    await namespace.run('conntrack', ['-D', ...FLOW]);
    const next = await begin();
    if (next.id === first.id) return [first, next];
    first = next;
  }
  throw new Error(`No flow got the id of the one before in ${String(TRIES)} attempts.`);
}

/** What a deletion by filter does after it has read `entry`: in the namespace, a batch of one. */
async function deleteAsRead(entry: Entry): Promise<unknown> {
  const printed = await namespace.run(process.execPath, [DELETER], JSON.stringify(entry));
  return JSON.parse(printed);
}

describe('deleting entries by a filter', () => {
  it('leaves a later flow with the same tuple and the same id alone', async () => {
    const [first, successor] = await replaced();
    expect(await deleteAsRead(first)).toEqual({ deleted: 0, gone: 1, failure: null });
    expect(await only()).toMatchObject({ id: successor.id, startedAt: successor.startedAt });
    expect(await deleteAsRead(successor)).toEqual({ deleted: 1, gone: 0, failure: null });
  });

  it('deletes all entries with a start time, in batches', async () => {
    await makeEntries(namespace, 300);
    const all = { kind: 'matching', filter: EVERY_ENTRY, limit: 1_000 } as const;
    expect(await entries.delete(all, 2, { namespace: namespace.name })).toMatchObject({ deleted: 300, gone: 0 });
    expect((await entries.count(EVERY_ENTRY, { namespace: namespace.name })).entries).toBe(0);
  });
});

describe('deleting an entry by id and start time', () => {
  it('leaves a later flow with the same tuple and the same id alone', async () => {
    const [first, successor] = await replaced();
    expect(successor.id).toBe(first.id);
    expect(successor.startedAt).not.toBe(first.startedAt);
    await expect(remove(first.id, first.startedAt)).rejects.toMatchObject({
      code: 'ENTRY_REPLACED',
      message: expect.stringContaining(String(successor.startedAt)) as string,
    });
    expect((await only()).startedAt).toBe(successor.startedAt);
    expect(await remove(first.id, successor.startedAt)).toMatchObject({ deleted: 1, gone: 0 });
  });

  it('refuses an entry whose start the kernel did not record', async () => {
    await namespace.writeSysctl('timestamp', 0);
    const entry = await begin();
    expect(entry.startedAt).toBeUndefined();
    await expect(remove(entry.id, '2026-07-29T21:15:02.123456789Z')).rejects.toMatchObject({ code: 'ENTRY_REPLACED' });
    expect(await remove(entry.id)).toMatchObject({ deleted: 1 });
  });
});
