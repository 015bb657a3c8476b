import { describe, expect, it } from 'vitest';
import { comparisons } from '../../../../src/domain/sizing/defaults.ts';
import { recommend } from '../../../../src/domain/sizing/recommend.ts';
import { sizingOf, type SizingHost } from '../../../../src/domain/sizing/sizing.ts';

const GIB = 1024 ** 3;
const HOST: SizingHost = {
  layout: 'nf_conntrack',
  objectBytes: 256,
  memoryTotalBytes: 8 * GIB,
  bucketQuantum: 512,
  processors: 8,
  max: 262_144,
  buckets: 262_144,
};
const LEGACY: SizingHost = { layout: 'ip_conntrack', objectBytes: 304, max: 65_536, buckets: 8_192 };

const valueOf = (steps: readonly { step: string; value: number }[], name: string): number | undefined =>
  steps.find(({ step }) => step === name)?.value;

describe('well-known examples', () => {
  it('65,536 entries in 8,192 buckets are 8 per bucket, with an average chain of 16', () => {
    expect(sizingOf(65_536, 8_192, LEGACY)).toMatchObject({ entriesPerBucket: 8, averageChainLength: 16, refusals: [] });
  });

  it('1,048,576 entries in 8,192 buckets are 128 per bucket, and current kernels refuse every new flow', () => {
    const { entriesPerBucket, refusals } = sizingOf(1_048_576, 8_192, HOST);
    expect(entriesPerBucket).toBe(128);
    expect(refusals.map(({ chance }) => Math.round(chance))).toEqual([1, 1]);
  });

  it('1,000,000 entries of 304 bytes are 304 MB', () => {
    const { max, entriesBytes } = recommend({ basis: 'connections', connections: 1_000_000 }, LEGACY, 1);
    expect(max).toBe(1_000_000);
    expect(entriesBytes.minimum).toBe(304_000_000);
  });
});

describe('a recommendation', () => {
  it('for connections has headroom, and as many buckets as entries in whole pages', () => {
    const { max, buckets, averageChainLength, steps, memoryBytes, refusals } = recommend(
      { basis: 'connections', connections: 500_000 },
      HOST,
      1.5,
    );
    expect({ max, buckets }).toEqual({ max: 750_000, buckets: 750_080 });
    expect(averageChainLength).toBeLessThanOrEqual(2);
    expect(refusals.every(({ chance }) => chance < 0.0001)).toBe(true);
    expect(steps.map(({ step }) => step)).toEqual([
      ...['expected entries', 'headroom', 'entries with headroom', 'max', 'buckets'],
      ...['memory of the buckets', 'memory at full, least', 'memory at full, most'],
    ]);
    expect(memoryBytes).toEqual({ minimum: 750_000 * 256 + 750_080 * 8, maximum: 750_000 * 512 + 750_080 * 8 });
    expect(steps.at(-1)?.why).toMatch(/4\.5 % of the memory/);
  });

  it('for a rate follows Little’s law', () => {
    const { max, steps } = recommend({ basis: 'rate', newPerSecond: 2_000, lifetimeSeconds: 150 }, HOST, 2);
    expect(valueOf(steps, 'expected entries')).toBe(300_000);
    expect(max).toBe(600_000);
  });

  it.each([1_048_576, 536_870_912, 10 * GIB])('for %d bytes stays within them when full, and leaves little unused', (memoryBytes) => {
    const sizing = recommend({ basis: 'memory', memoryBytes }, HOST, 1.5);
    expect(sizing.memoryBytes.maximum).toBeLessThanOrEqual(memoryBytes);
    expect(sizing.memoryBytes.maximum).toBeGreaterThan(memoryBytes - 10_000);
    expect(valueOf(sizing.steps, 'headroom')).toBeUndefined();
  });

  it('for the peak names the time of the peak', () => {
    const { max, steps } = recommend({ basis: 'peak', peak: 100, at: new Date('2026-11-27T00:00:00Z') }, HOST, 1.5);
    expect(max).toBe(150);
    expect(steps[0]?.why).toContain('2026-11-27T00:00:00.000Z');
  });

  it('says so if the size of an entry is not measured', () => {
    const { steps, entriesBytes } = recommend({ basis: 'connections', connections: 1_000 }, { layout: 'nf_conntrack' }, 1);
    expect(entriesBytes).toEqual({ minimum: 256_000, maximum: 512_000 });
    expect(steps.find(({ step }) => step === 'memory at full, least')?.why).toContain('cannot be read');
  });

  it('stays within the limits of the kernel', () => {
    const { max, buckets } = recommend({ basis: 'connections', connections: 1e9 }, HOST, 10);
    expect(max).toBe(2_147_483_647);
    expect(buckets).toBeLessThanOrEqual(268_435_455);
  });
});

describe('comparisons', () => {
  const sizes = (host: SizingHost): unknown =>
    comparisons(host).map((each) => ('sizing' in each ? [each.name, each.sizing.max, each.sizing.buckets] : [each.name, each.reason]));

  it('are the live settings, the kernel’s and kube-proxy’s', () => {
    expect(sizes(HOST)).toEqual([
      ['now', 262_144, 262_144],
      ['kernel', 262_144, 262_144],
      ['kube-proxy', 262_144, 65_536],
    ]);
  });

  it.each([
    [128 * 1024 ** 2, 1_024],
    [512 * 1024 ** 2, 4_096],
    [2 * GIB, 65_536],
  ])('have the kernel’s default for %d bytes of memory: %d', (memoryTotalBytes, buckets) => {
    expect(sizes({ ...HOST, memoryTotalBytes, processors: 2 })).toEqual([
      ['now', 262_144, 262_144],
      ['kernel', buckets, buckets],
      ['kube-proxy', 131_072, 32_768],
    ]);
  });

  it('have the legacy kernel’s default: 65,536 entries in 8,192 buckets', () => {
    expect(sizes({ ...LEGACY, memoryTotalBytes: 2 * GIB })).toContainEqual(['kernel', 65_536, 8_192]);
  });

  it('are absent, with the reason, if facts about the host cannot be read', () => {
    expect(sizes({ layout: 'nf_conntrack', max: 0, buckets: 5 })).toEqual([
      ['now', expect.stringContaining('no limit')],
      ['kernel', expect.stringContaining('cannot be read')],
      ['kube-proxy', expect.stringContaining('cannot be read')],
    ]);
  });
});
