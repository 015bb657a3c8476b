import { describe, expect, it } from 'vitest';
import type { SettingChange } from '../../../src/domain/change.ts';
import type { HostEntries } from '../../../src/domain/host-entries.ts';
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

describe('changing max', () => {
  it('refuses 0, which means no limit', () => {
    expect(risks([change('max', 65_536, 0)])).toContain('MAX_UNLIMITED refused');
  });

  it('needs an acknowledgement below the count, and a second one without a confirmation window', () => {
    expect(risks([change('max', 65_536, 999)])).toEqual(['MAX_BELOW_COUNT acknowledge', 'MAX_BELOW_COUNT_UNCONFIRMED acknowledge']);
    expect(risks([change('max', 65_536, 999)], host, true)).toEqual(['MAX_BELOW_COUNT acknowledge']);
  });

  it('reports how many flows are over the new maximum', () => {
    expect(assessRisks([change('max', 65_536, 400)], host, true)[0]?.message).toMatch(/^600 of the 1000 flows/);
  });

  it('warns below 1.25 times the count', () => {
    expect(risks([change('max', 65_536, 1_249)])).toEqual(['MAX_NEAR_COUNT warning']);
    expect(risks([change('max', 65_536, 1_250)])).toEqual([]);
  });

  it('needs an acknowledgement if a full table takes more than a quarter of memory, and refuses more than 60 %', () => {
    const quarter = Math.floor(GIB / 4 / 512);
    const wide = { ...host, buckets: 4_194_304 };
    expect(risks([change('max', 65_536, quarter)], wide)).toEqual([]);
    expect(risks([change('max', 65_536, quarter + 1)], wide)).toEqual(['MAX_MEMORY acknowledge']);
    expect(risks([change('max', 65_536, Math.floor((0.6 * GIB) / 512) + 1)], wide)).toEqual(['MAX_MEMORY refused']);
  });

  it('does not check memory when max is lowered', () => {
    expect(risks([change('max', 4_000_000, 3_000_000)], { ...host, buckets: 4_194_304 })).toEqual([]);
  });

  it('warns if memory cannot be read', () => {
    const { memoryTotalBytes, ...unread } = host;
    expect(memoryTotalBytes).toBeDefined();
    expect(risks([change('max', 65_536, 70_000)], unread)).toEqual(['MAX_MEMORY_UNKNOWN warning']);
  });
});

describe('changing buckets', () => {
  it('refuses more than a tenth of the memory available', () => {
    const tenth = Math.floor(GIB / 20 / 8 / 512) * 512;
    expect(risks([change('buckets', 65_536, tenth)])).toEqual([]);
    expect(risks([change('buckets', 65_536, tenth + 512)])).toEqual(['BUCKETS_MEMORY refused']);
  });

  it('names the value that the kernel rounds up to', () => {
    expect(assessRisks([change('buckets', 65_536, 100_000)], host, false)[0]).toMatchObject({
      code: 'BUCKETS_ROUNDED',
      level: 'information',
    });
    expect(expectedOf('buckets', 100_000, host)).toBe(100_352);
    expect(expectedOf('max', 100_000, host)).toBe(100_000);
  });

  it('needs an acknowledgement of the stall above 100,000 entries', () => {
    expect(risks([change('buckets', 65_536, 131_072)], { ...host, count: 100_000 })).toEqual([]);
    const [risk] = assessRisks([change('buckets', 65_536, 131_072)], { ...host, count: 1_000_000 }, false);
    expect(risk).toMatchObject({ code: 'RESIZE_STALL', level: 'acknowledge' });
    expect(risk?.message).toContain('0.45 s');
  });
});

describe('the average chain', () => {
  it('warns above 2 entries per bucket and needs an acknowledgement above 4', () => {
    expect(risks([change('max', 65_536, 131_072)])).toEqual([]);
    expect(risks([change('max', 65_536, 131_073)])).toEqual(['CHAIN_LENGTH warning']);
    expect(risks([change('buckets', 65_536, 16_384)])).toEqual(['CHAIN_LENGTH warning']);
    expect(risks([change('buckets', 65_536, 8_192)])).toEqual(['CHAIN_LENGTH acknowledge']);
  });

  it('only warns if the change does not make it worse, and on the legacy layout, which refuses nothing', () => {
    const crowded = { ...host, max: 1_048_576, buckets: 8_192 };
    expect(risks([change('max', 1_048_576, 524_288)], crowded)).toEqual(['CHAIN_LENGTH warning']);
    expect(risks([change('max', 65_536, 131_072)], { ...host, layout: 'ip_conntrack', buckets: 8_192 })).toEqual(['CHAIN_LENGTH warning']);
  });

  it.each([
    ['4.18.0-553.el8', 4, []],
    ['5.10.0-28-amd64', 8, ['CHAIN_LENGTH warning']],
    ['5.14.0-427.el9', 4, ['CHAIN_LENGTH warning']],
    ['5.15.0', 4, ['CHAIN_LENGTH warning']],
    ['6.1.0-18-amd64', 8, ['CHAIN_LENGTH acknowledge']],
  ])('is limited since Linux 5.15: with %s and %i entries per bucket it is %j', (release, ratio, expected) => {
    const found = assessRisks([change('max', 65_536, ratio * 65_536)], { ...host, release, memoryTotalBytes: 64 * GIB }, false);
    expect(found.map(({ code, level }) => `${code} ${level}`)).toEqual(expected);
    const isRefused = found.some(({ message }) => message.includes('refuse new flows'));
    expect(isRefused).toBe(expected.length > 0 && release !== '5.10.0-28-amd64');
  });

  it('is computed from both new values when max and buckets change together', () => {
    expect(risks([change('max', 65_536, 131_072), change('buckets', 65_536, 131_072)])).toEqual([]);
  });
});

describe('other settings', () => {
  it('warn below the timeout that RFC 5382 requires, and need an acknowledgement below a minute', () => {
    const established = (seconds: number): string[] => risks([change('tcp_timeout_established', 432_000, seconds)]);
    expect(established(7_440)).toEqual([]);
    expect(established(7_439)).toEqual(['TIMEOUT_BELOW_RFC5382 warning']);
    expect(established(59)).toEqual(['TIMEOUT_BELOW_RFC5382 acknowledge']);
  });

  it('are not assessed if their value does not change', () => {
    expect(risks([change('max', 999, 999), change('tcp_timeout_established', 5, 5)])).toEqual([]);
  });
});

describe('restoring an earlier state', () => {
  const level = (code: Risk['code'], before: Risk['level']): string =>
    whenRestoring({ code, level: before, setting: 'max', message: '' }).level;

  it('only warns of lasting risks, needs an acknowledgement of immediate ones, and refuses nothing', () => {
    expect(level('CHAIN_LENGTH', 'acknowledge')).toBe('warning');
    expect(level('MAX_MEMORY', 'refused')).toBe('warning');
    expect(level('MAX_BELOW_COUNT', 'acknowledge')).toBe('acknowledge');
    expect(level('MAX_UNLIMITED', 'refused')).toBe('acknowledge');
    expect(level('BUCKETS_ROUNDED', 'information')).toBe('information');
  });
});

describe('other network namespaces', () => {
  const shared = (values: Partial<HostEntries>): HostFacts => ({
    ...host,
    count: 0,
    max: 262_144,
    buckets: 262_144,
    host: { total: 150_000, basis: 'slab', elsewhere: 0, namespaces: [{ name: 'blue', count: 150_000 }], ...values },
  });

  it('need an acknowledgement of a max below their count, which names them', () => {
    const facts = shared({});
    expect(risks([change('max', 262_144, 1_000)], facts)).toEqual([
      'MAX_BELOW_COUNT acknowledge',
      'MAX_BELOW_COUNT_UNCONFIRMED acknowledge',
    ]);
    expect(assessRisks([change('max', 262_144, 1_000)], facts, true)[0]?.message).toMatch(
      /^Network namespace blue \(150000 entries\) has more/,
    );
    expect(risks([change('max', 262_144, 160_000)], facts)).toEqual(['MAX_NEAR_COUNT warning']);
    expect(risks([change('max', 262_144, 200_000)], facts)).toEqual([]);
  });

  it('are named five at most, besides the own count', () => {
    const namespaces = Array.from({ length: 8 }, (_, index) => ({ name: `n${index}`, count: 9_000 - index }));
    const [first] = assessRisks([change('max', 262_144, 500)], { ...shared({ namespaces }), count: 600 }, true);
    expect(first?.message).toMatch(
      /^100 of the 600 flows .* Network namespaces n0 \(9000 entries\), .*n4 \(8996 entries\) and 3 more have/,
    );
  });

  it('need an acknowledgement where those that are not counted separately may exceed a lower max', () => {
    const facts = shared({ namespaces: [], elsewhere: 150_000 });
    expect(risks([change('max', 262_144, 1_000)], facts)).toEqual(['MAX_BELOW_COUNT_UNKNOWN acknowledge']);
    expect(risks([change('max', 262_144, 150_000)], facts)).toEqual([]);
    expect(risks([change('max', 900, 1_000)], facts)).toEqual([]);
  });

  it('are a warning for a lower max and for a resize where nothing counts them', () => {
    const { total, basis, elsewhere, ...unknown } = shared({ namespaces: [] }).host ?? { namespaces: [] };
    expect([total, basis, elsewhere]).toEqual([150_000, 'slab', 0]);
    const facts = { ...shared({}), host: unknown };
    expect(risks([change('max', 262_144, 100_000)], facts)).toEqual(['MAX_BELOW_COUNT_UNKNOWN warning']);
    expect(risks([change('buckets', 262_144, 524_288)], facts)).toEqual(['RESIZE_UNKNOWN_COUNT warning']);
    expect(risks([change('buckets', 262_144, 524_288)], { ...facts, count: 200_000 })).toEqual(['RESIZE_STALL acknowledge']);
  });

  it('stop with the whole host during a resize', () => {
    const [risk] = assessRisks([change('buckets', 262_144, 524_288)], shared({}), true);
    expect(risk).toMatchObject({
      code: 'RESIZE_STALL',
      level: 'acknowledge',
      message: expect.stringContaining('150000 entries') as string,
    });
  });

  it('make chains long in fewer buckets, also above max', () => {
    expect(risks([change('buckets', 262_144, 1_024)], { ...shared({}), max: 1_024 })).toContain('CHAIN_LENGTH acknowledge');
  });
});
