import { describe, expect, it } from 'vitest';
import type { SettingChange } from '../../../src/domain/change.ts';
import { whenRestoring, type Risk } from '../../../src/domain/risks/risk.ts';
import { assessRisks, expectedOf, type HostFacts } from '../../../src/domain/risks/setting-risks.ts';

const GIB = 1024 ** 3;
const host: HostFacts = {
  layout: 'nf_conntrack',
  count: 1_000,
  max: 65_536,
  buckets: 65_536,
  objectBytes: 256,
  memoryTotalBytes: GIB,
  memoryAvailableBytes: GIB / 2,
  bucketQuantum: 512,
};
const change = (name: string, before: number, requested: number): SettingChange => ({ name, before, requested });
const risks = (settings: readonly SettingChange[], facts: HostFacts = host, confirmed = false): string[] =>
  assessRisks(settings, facts, confirmed).map(({ code, level }) => `${code} ${level}`);

describe('lowering or raising max', () => {
  it('is refused at 0, which means unlimited', () => {
    expect(risks([change('max', 65_536, 0)])).toContain('MAX_UNLIMITED refused');
  });

  it('below the count needs an acknowledgement and a confirmation window, or an acknowledgement of there being none', () => {
    expect(risks([change('max', 65_536, 999)])).toEqual(['MAX_BELOW_COUNT acknowledge', 'MAX_BELOW_COUNT_UNCONFIRMED acknowledge']);
    expect(risks([change('max', 65_536, 999)], host, true)).toEqual(['MAX_BELOW_COUNT acknowledge']);
  });

  it('says how many flows are over', () => {
    expect(assessRisks([change('max', 65_536, 400)], host, true)[0]?.message).toMatch(/^600 of the 1000 flows/);
  });

  it('just above the count is a warning, from 1.25 times on it is none', () => {
    expect(risks([change('max', 65_536, 1_249)])).toEqual(['MAX_NEAR_COUNT warning']);
    expect(risks([change('max', 65_536, 1_250)])).toEqual([]);
  });

  it('needs an acknowledgement above a quarter of memory at full and is refused above 60 %', () => {
    const quarter = Math.floor(GIB / 4 / 512);
    const wide = { ...host, buckets: 4_194_304 };
    expect(risks([change('max', 65_536, quarter)], wide)).toEqual([]);
    expect(risks([change('max', 65_536, quarter + 1)], wide)).toEqual(['MAX_MEMORY acknowledge']);
    expect(risks([change('max', 65_536, Math.floor((0.6 * GIB) / 512) + 1)], wide)).toEqual(['MAX_MEMORY refused']);
  });

  it('is not judged by memory when it is lowered', () => {
    expect(risks([change('max', 4_000_000, 3_000_000)], { ...host, buckets: 4_194_304 })).toEqual([]);
  });

  it('says that memory is unknown instead of passing it over', () => {
    const { memoryTotalBytes, ...unread } = host;
    expect(memoryTotalBytes).toBeDefined();
    expect(risks([change('max', 65_536, 70_000)], unread)).toEqual(['MAX_MEMORY_UNKNOWN warning']);
  });
});

describe('changing buckets', () => {
  it('is refused above a tenth of the memory available', () => {
    const tenth = Math.floor(GIB / 20 / 8 / 512) * 512;
    expect(risks([change('buckets', 65_536, tenth)])).toEqual([]);
    expect(risks([change('buckets', 65_536, tenth + 512)])).toEqual(['BUCKETS_MEMORY refused']);
  });

  it('names the value that the kernel will round to', () => {
    expect(assessRisks([change('buckets', 65_536, 100_000)], host, false)[0]).toMatchObject({
      code: 'BUCKETS_ROUNDED',
      level: 'information',
    });
    expect(expectedOf('buckets', 100_000, host)).toBe(100_352);
    expect(expectedOf('max', 100_000, host)).toBe(100_000);
  });

  it('needs an acknowledgement of the stall with more than 100,000 entries', () => {
    expect(risks([change('buckets', 65_536, 131_072)], { ...host, count: 100_000 })).toEqual([]);
    const [risk] = assessRisks([change('buckets', 65_536, 131_072)], { ...host, count: 1_000_000 }, false);
    expect(risk).toMatchObject({ code: 'RESIZE_STALL', level: 'acknowledge' });
    expect(risk?.message).toContain('0.45 s');
  });
});

describe('the chain', () => {
  it('is warned of above 2 entries a bucket and needs an acknowledgement above 4', () => {
    expect(risks([change('max', 65_536, 131_072)])).toEqual([]);
    expect(risks([change('max', 65_536, 131_073)])).toEqual(['CHAIN_LENGTH warning']);
    expect(risks([change('buckets', 65_536, 16_384)])).toEqual(['CHAIN_LENGTH warning']);
    expect(risks([change('buckets', 65_536, 8_192)])).toEqual(['CHAIN_LENGTH acknowledge']);
  });

  it('is only warned of where the change does not make it worse, and on the legacy layout, which refuses nothing', () => {
    const crowded = { ...host, max: 1_048_576, buckets: 8_192 };
    expect(risks([change('max', 1_048_576, 524_288)], crowded)).toEqual(['CHAIN_LENGTH warning']);
    expect(risks([change('max', 65_536, 131_072)], { ...host, layout: 'ip_conntrack', buckets: 8_192 })).toEqual(['CHAIN_LENGTH warning']);
  });

  it('is judged on both when both move', () => {
    expect(risks([change('max', 65_536, 131_072), change('buckets', 65_536, 131_072)])).toEqual([]);
  });
});

describe('other settings', () => {
  it('warn when established TCP is forgotten sooner than RFC 5382 asks, and want it acknowledged below a minute', () => {
    const established = (seconds: number): string[] => risks([change('tcp_timeout_established', 432_000, seconds)]);
    expect(established(7_440)).toEqual([]);
    expect(established(7_439)).toEqual(['TIMEOUT_BELOW_RFC5382 warning']);
    expect(established(59)).toEqual(['TIMEOUT_BELOW_RFC5382 acknowledge']);
  });

  it('are not judged when they stay as they are', () => {
    expect(risks([change('max', 999, 999), change('tcp_timeout_established', 5, 5)])).toEqual([]);
  });
});

describe('restoring what was there before', () => {
  const level = (code: Risk['code'], before: Risk['level']): string =>
    whenRestoring({ code, level: before, setting: 'max', message: '' }).level;

  it('only warns of what lasts, and wants what strikes at once acknowledged, refusing nothing', () => {
    expect(level('CHAIN_LENGTH', 'acknowledge')).toBe('warning');
    expect(level('MAX_MEMORY', 'refused')).toBe('warning');
    expect(level('MAX_BELOW_COUNT', 'acknowledge')).toBe('acknowledge');
    expect(level('MAX_UNLIMITED', 'refused')).toBe('acknowledge');
    expect(level('BUCKETS_ROUNDED', 'information')).toBe('information');
  });
});
