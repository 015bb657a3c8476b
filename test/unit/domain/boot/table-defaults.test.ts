import { describe, expect, it } from 'vitest';
import { tableDefaults } from '../../../../src/domain/boot/table-defaults.ts';

const MIB = 1024 ** 2;
const machine = (mebibytes: number, release = '6.12.0'): Parameters<typeof tableDefaults>[0] => ({
  release,
  memoryTotalBytes: mebibytes * MIB,
  bucketQuantum: 512,
});

describe('the default size of the table', () => {
  it.each([
    [24_000, 262_144],
    [2_000, 65_536],
    [512, 4_096],
    [500, 4_096],
    [64, 1_024],
  ])('with %i MiB of memory is %i buckets and as many entries', (mebibytes, buckets) => {
    expect(tableDefaults(machine(mebibytes))).toEqual({ buckets, max: buckets });
  });

  it('is rounded up to a whole page of the host', () => {
    expect(tableDefaults({ ...machine(512), bucketQuantum: 8_192 })).toEqual({ buckets: 8_192, max: 8_192 });
  });

  it.each([
    ['near a limit, where what the kernel counted then decides', machine(1_010)],
    ['on a kernel whose rule is another', machine(24_000, '5.10.0-30-amd64')],
    ['where the release cannot be read', { memoryTotalBytes: 24_000 * MIB, bucketQuantum: 512 }],
    ['where memory cannot be read', { release: '6.12.0', bucketQuantum: 512 }],
  ])('is not told %s', (_where, given) => {
    expect(tableDefaults(given)).toEqual({});
  });
});
