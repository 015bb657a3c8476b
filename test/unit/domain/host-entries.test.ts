import { describe, expect, it } from 'vitest';
import { hostEntries } from '../../../src/domain/host-entries.ts';
import { describeTable } from '../../../src/domain/table.ts';

const READINGS = { layout: 'nf_conntrack', count: 40, active: undefined, processors: 2, named: { reason: 'not enabled' } } as const;
const NAMED = {
  counts: [
    { name: 'blue', count: 7_000 },
    { name: 'red', count: 150_000 },
  ],
};

describe('the entries of all network namespaces', () => {
  it('are those of the slab, which also counts namespaces without a name', () => {
    expect(hostEntries({ ...READINGS, active: 160_000, named: NAMED })).toEqual({
      total: 160_000,
      basis: 'slab',
      namespaces: [NAMED.counts[1], NAMED.counts[0]],
      elsewhere: 2_960,
    });
  });

  it('are the counted ones where the slab has only the reserves of the processors in addition', () => {
    expect(hostEntries({ ...READINGS, active: 1_063 })).toMatchObject({ total: 40, elsewhere: 0, basis: 'slab' });
    expect(hostEntries({ ...READINGS, active: 1_064 })).toMatchObject({ total: 1_064, elsewhere: 1_024 });
    expect(hostEntries({ ...READINGS, active: 8_000, processors: 64 })).toMatchObject({ total: 40 });
  });

  it('are the sum over the named namespaces where the slab cannot be read, and unknown without both', () => {
    expect(hostEntries({ ...READINGS, named: NAMED })).toEqual({
      total: 157_040,
      basis: 'namespaces',
      namespaces: [NAMED.counts[1], NAMED.counts[0]],
    });
    expect(hostEntries(READINGS)).toEqual({ namespaces: [], notRead: 'not enabled' });
  });

  it('are those of the slab where the own count cannot be read', () => {
    expect(hostEntries({ ...READINGS, count: undefined, active: 500 })).toMatchObject({ total: 500, basis: 'slab' });
  });

  it('are those of the only namespace on the legacy layout', () => {
    expect(hostEntries({ ...READINGS, layout: 'ip_conntrack' })).toEqual({ total: 40, basis: 'count', elsewhere: 0, namespaces: [] });
    expect(hostEntries({ ...READINGS, layout: 'ip_conntrack', count: undefined })).toEqual({ namespaces: [] });
  });

  it('are in the average chain, which is absent where they are unknown', () => {
    const reading = { layout: 'nf_conntrack', count: 0, buckets: 1_024, unavailable: [] } as const;
    expect(describeTable({ ...reading, host: { total: 150_016, basis: 'slab', namespaces: [] } })).toMatchObject({
      hostEntries: 150_016,
      hostEntriesBasis: 'slab',
      averageChainLength: 293,
      entriesPerBucket: 146.5,
    });
    const unknown = describeTable({ ...reading, host: { namespaces: [] } });
    for (const field of ['hostEntries', 'averageChainLength', 'entriesPerBucket']) expect(unknown).not.toHaveProperty(field);
  });
});
