import { describe, expect, it } from 'vitest';
import { describeTable } from '../../../src/domain/table.ts';

describe('describeTable', () => {
  it('gives 8 entries per bucket for 65,536 entries in 8,192 buckets, and 128 for 1,048,576', () => {
    expect(describeTable({ layout: 'ip_conntrack', count: 65_536, buckets: 8_192, unavailable: [] }).entriesPerBucket).toBe(8);
    expect(describeTable({ layout: 'ip_conntrack', count: 1_048_576, buckets: 8_192, unavailable: [] }).entriesPerBucket).toBe(128);
  });

  it('counts each entry in two chains: it is in the table once per direction', () => {
    expect(describeTable({ layout: 'nf_conntrack', count: 65_536, buckets: 65_536, unavailable: [] }).averageChainLength).toBe(2);
  });

  it('computes 304 MB for 1,000,000 entries of 304 bytes, and the range with extensions', () => {
    const { memory } = describeTable({
      layout: 'ip_conntrack',
      count: 0,
      max: 1_000_000,
      buckets: 8_192,
      object: { bytes: 304, source: '/var/log/dmesg' },
      unavailable: [],
    });
    expect(memory.fullBytes).toEqual({ minimum: 304_000_000, maximum: 560_000_000 });
    expect(memory.bucketsBytes).toBe(65_536);
    expect(memory.entriesBytes).toEqual({ minimum: 0, maximum: 0 });
  });

  it('names the namespace, if there is one', () => {
    expect(describeTable({ layout: 'nf_conntrack', namespace: 'blue', count: 3, unavailable: [] })).toMatchObject({
      namespace: 'blue',
      count: 3,
    });
    expect(describeTable({ layout: 'nf_conntrack', count: 3, unavailable: [] })).not.toHaveProperty('namespace');
  });

  it('prefers the objects of all namespaces over the count of this one', () => {
    const { memory } = describeTable({
      layout: 'nf_conntrack',
      count: 10,
      object: { bytes: 256, active: 1_000, source: '/proc/slabinfo' },
      unavailable: [],
    });
    expect(memory.entriesBytes?.minimum).toBe(256_000);
  });

  it('leaves out what needs an unreadable value, instead of giving 0', () => {
    const unavailable = [{ field: 'count', code: 'EACCES', detail: 'refused' }];
    expect(describeTable({ layout: 'nf_conntrack', max: 100, unavailable })).toEqual({
      layout: 'nf_conntrack',
      max: 100,
      memory: {},
      unavailable,
    });
  });

  it('has no utilisation if max is 0 (no limit)', () => {
    const table = describeTable({ layout: 'nf_conntrack', count: 5, max: 0, buckets: 512, unavailable: [] });
    expect(table.max).toBe(0);
    expect(table).not.toHaveProperty('utilisation');
    expect(table.memory).not.toHaveProperty('fullBytes');
  });
});
