import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/domain/entry.ts';
import type { EntryResult, EntryUpdate } from '../../src/domain/entry-update.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { HostEntries } from '../../src/kernel/dump/host-entries.ts';
import { NamedNamespaces } from '../../src/kernel/named-namespaces.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import { makeEntries, makeRareEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

const V4 = ['-p', 'udp', '-s', '10.9.0.1', '-d', '10.9.0.2', '--sport', '4242', '--dport', '53'];
const V6 = ['-p', 'tcp', '-s', 'fd00::1', '-d', 'fd00::2', '--sport', '4242', '--dport', '443', '--state', 'ESTABLISHED'];
/** The kernel reuses the memory of an entry in about four of ten cases. */
const TRIES = 200;

let namespace: NetworkNamespace;
let entries: HostEntries;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('update-kernel');
  await namespace.writeSysctl('timestamp', 1);
  entries = new HostEntries('/', new TableGate(), new NamedNamespaces('/', true));
});

afterEach(async () => {
  await namespace.run('conntrack', ['-F']);
});

afterAll(async () => {
  await entries.close();
  await namespace.delete();
});

const scope = (): { readonly namespace: string } => ({ namespace: namespace.name });
const create = (flow: readonly string[], ...args: readonly string[]): Promise<string> =>
  namespace.run('conntrack', ['-I', ...flow, '-t', '3600', ...args]);
const read = async (filter = EVERY_ENTRY): Promise<readonly Entry[]> => (await entries.page(filter, 1_000, '', scope())).entries;
const update = (of: readonly Entry[], values: EntryUpdate): Promise<readonly EntryResult[]> =>
  entries.update(
    of.map(({ id, startedAt }) => ({ id, ...(startedAt !== undefined && { startedAt }), update: values })),
    scope(),
  );
const only = async (): Promise<Entry> => (await read())[0] as Entry;

/** Adds the label extension to flows that begin from now on. */
async function useLabels(): Promise<void> {
  await namespace.run('nft', ['add chain inet ct_test labelled { type filter hook output priority 5; }']);
  await namespace.run('nft', ['add rule inet ct_test labelled tcp dport 1 ct label set 1']);
}

describe('the mark', () => {
  it.each([
    ['0x1f/0xf', 0x1f, 0xf, 0x2bcd_000f],
    ['0x5/0xff', 0x5, 0xff, 0x2bcd_0005],
    ['4294967295', 0xffff_ffff, undefined, 0xffff_ffff],
    ['0', 0, undefined, 0],
    ['0x80000000/0x80000000', 0x8000_0000, 0x8000_0000, 0xabcd_0000],
  ])('is set as conntrack -U --mark %s does, without bits outside the mask', async (text, mark, markMask, expected) => {
    for (const flow of [V4, V6]) {
      await create(flow, '--mark', '0x2bcd0000');
      const [result] = await update([await only()], { mark, ...(markMask !== undefined && { markMask }) });
      expect([result?.result, (await only()).mark]).toEqual(['updated', expected]);
      expect((await update([await only()], { mark, ...(markMask !== undefined && { markMask }) }))[0]?.result).toBe('unchanged');
      await namespace.run('conntrack', ['-F']);
      await create(flow, '--mark', '0x2bcd0000');
      const [value = '', mask] = text.split('/');
      const within = mask === undefined ? value : `${(Number(value) & Number(mask)) >>> 0}/${mask}`;
      await namespace.run('conntrack', ['-U', ...flow, '--mark', within]);
      expect((await only()).mark).toBe(expected);
      await namespace.run('conntrack', ['-F']);
    }
  });

  it('of an entry of every protocol is set', async () => {
    await makeRareEntries(namespace);
    await makeEntries(namespace, 700);
    const before = await read();
    const results = await update(before, { mark: 0x700, markMask: 0xf00, timeoutSeconds: 1_000 });
    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['updated']));
    expect(results.map(({ entry }) => entry?.id)).toEqual(before.map(({ id }) => id));
    const after = new Map((await read()).map((entry) => [entry.id, entry]));
    for (const { id, mark = 0 } of before) {
      expect(after.get(id)?.mark).toBe(((mark & ~0xf00) | 0x700) >>> 0);
      expect(after.get(id)?.timeoutSeconds).toBeGreaterThan(990);
    }
    expect(new Set(before.map(({ protocol, family, zone = 0 }) => `${family} ${protocol} ${zone}`)).size).toBeGreaterThan(9);
    expect((await read(parseFilter('zone=1'))).length).toBeGreaterThan(0);
  });
});

describe('labels', () => {
  it('are refused with ENOSPC if the entry has no room for them, and the entry keeps its mark and timeout', async () => {
    await create(V4, '--mark', '1');
    const [result] = await update([await only()], { mark: 2, timeoutSeconds: 10, addLabels: [5] });
    expect(result).toMatchObject({
      result: 'refused',
      failure: { errno: 'ENOSPC', message: expect.stringContaining('ct label') as string },
    });
    expect(await only()).toMatchObject({ mark: 1 });
    expect((await only()).timeoutSeconds).toBeGreaterThan(3_000);
  });

  it('are set, added and removed', async () => {
    await useLabels();
    await create(V4);
    const steps: readonly [EntryUpdate, readonly number[] | undefined, string][] = [
      [{ addLabels: [0, 127, 64] }, [0, 64, 127], 'updated'],
      [{ addLabels: [3], removeLabels: [64, 9] }, [0, 3, 127], 'updated'],
      [{ addLabels: [3] }, [0, 3, 127], 'unchanged'],
      [{ labels: [8, 31, 32] }, [8, 31, 32], 'updated'],
      [{ removeLabels: [8] }, [31, 32], 'updated'],
      [{ labels: [] }, undefined, 'updated'],
      [{ labels: [] }, undefined, 'unchanged'],
    ];
    for (const [values, labels, expected] of steps) {
      expect((await update([await only()], values))[0]?.result).toBe(expected);
      expect((await only()).labels).toEqual(labels);
    }
  });
});

describe('the timeout', () => {
  it('is set, and refused with EPERM if it is fixed, whatever else is requested', async () => {
    await create(V4, '-u', 'FIXED_TIMEOUT,SEEN_REPLY');
    const [result] = await update([await only()], { mark: 2, timeoutSeconds: 10 });
    expect(result).toMatchObject({
      result: 'refused',
      failure: { errno: 'EPERM', message: expect.stringContaining('FIXED_TIMEOUT') as string },
    });
    expect(await only()).toMatchObject({ mark: 0 });
    expect((await update([await only()], { mark: 2 }))[0]?.result).toBe('updated');
    // The oracle: conntrack(8) is refused, too.
    await expect(namespace.run('conntrack', ['-U', ...V4, '--timeout', '10'])).resolves.not.toBe('');
    expect((await only()).timeoutSeconds).toBeGreaterThan(3_000);
  });

  it('takes the whole range', async () => {
    await create(V4);
    for (const seconds of [2_147_483, 1_000]) {
      await update([await only()], { timeoutSeconds: seconds });
      expect(Math.abs(((await only()).timeoutSeconds ?? 0) - seconds)).toBeLessThan(3);
    }
  });
});

describe('an entry that is gone', () => {
  it('is reported, and not created again', async () => {
    await create(V4);
    const entry = await only();
    await namespace.run('conntrack', ['-F']);
    expect(await update([entry], { mark: 1, timeoutSeconds: 10, addLabels: [1] })).toEqual([{ result: 'gone' }]);
    expect(await read()).toEqual([]);
  });

  it('does not lend its id: a later flow with the same tuple and the same id is left alone', async () => {
    let first: Entry | undefined;
    let successor: Entry | undefined;
    for (let attempt = 0; attempt < TRIES && (first === undefined || first.id !== successor?.id); attempt += 1) {
      first = successor;
      await namespace.run('conntrack', ['-F']);
      await create(V4);
      successor = await only();
    }
    expect(successor?.id).toBe(first?.id);
    expect(await update([first as Entry], { mark: 9 })).toEqual([{ result: 'gone' }]);
    expect((await only()).mark).toBe(0);
    expect((await update([successor as Entry], { mark: 9 }))[0]?.result).toBe('updated');
  });
});
