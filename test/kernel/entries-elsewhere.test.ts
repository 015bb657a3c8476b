import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { parseFilter } from '../../src/domain/filter/parse-filter.ts';
import { EntriesOf } from './support/host-entries.ts';
import { makeEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

const COUNT = 200;

/** Two namespaces that contain the same flows. */
let namespaces: readonly NetworkNamespace[];
let entries: readonly [EntriesOf, EntriesOf];

beforeAll(async () => {
  const [here, there] = [await NetworkNamespace.create('here'), await NetworkNamespace.create('there')];
  namespaces = [here, there];
  entries = [new EntriesOf(here), new EntriesOf(there)];
  for (const namespace of namespaces) await makeEntries(namespace, COUNT);
});

afterAll(async () => {
  for (const of of entries) await of.close();
  for (const namespace of namespaces) await namespace.delete();
});

describe('the entries of another network namespace', () => {
  it('are deleted there and in no other namespace', async () => {
    const [here, there] = entries;
    const wanted = parseFilter('protocol=tcp');
    const { entries: count } = await there.count(wanted);
    const { deleted, gone, entries: reported } = await there.delete(wanted, COUNT);
    expect({ deleted, gone, reported: reported.length }).toEqual({ deleted: count, gone: 0, reported: count });
    expect((await there.count(EVERY_ENTRY)).entries).toBe(COUNT - count);
    expect((await here.count(EVERY_ENTRY)).entries).toBe(COUNT);
    expect(count).toBeGreaterThan(100);
  });
});
