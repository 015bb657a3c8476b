import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assessTable } from '../../../../src/domain/findings/assess-table.ts';
import type { TableEvidence } from '../../../../src/domain/findings/table-evidence.ts';
import { TABLE_FINDING_CODES, type TableFinding, type TableFindingCode } from '../../../../src/domain/findings/table-finding.ts';
import type { TableReading } from '../../../../src/domain/table.ts';

const READING: TableReading = {
  layout: 'nf_conntrack',
  count: 1_000,
  max: 100_000,
  buckets: 100_352,
  object: { bytes: 256, active: 1_064, source: '/proc/slabinfo' },
  unavailable: [],
};
const QUIET: TableEvidence = {
  boot: [],
  reading: READING,
  recent: { seconds: 100, events: { drop: 0, early_drop: 0, chainlength: 0, insert_failed: 0, clashres: 0, invalid: 0 } },
  processors: 2,
  hostContext: { tcpSockets: 12, datapaths: [] },
  seen: { ageSeconds: 5, entries: 1_000, timeouts: [], establishedSeconds: 432_000 },
};

const reading = (values: Partial<TableReading>): TableEvidence => ({ ...QUIET, reading: { ...READING, ...values } });
const events = (counted: Record<string, number>, values: Partial<TableReading> = {}): TableEvidence => ({
  ...reading(values),
  recent: { seconds: 100, events: counted },
});
const codes = (evidence: TableEvidence): readonly TableFindingCode[] => assessTable(evidence).findings.map(({ code }) => code);

function only(evidence: TableEvidence): TableFinding {
  const { findings } = assessTable(evidence);
  expect(findings).toHaveLength(1);
  return findings[0] as TableFinding;
}

describe('a table', () => {
  it('without problems has no findings, and every check ran', () => {
    expect(assessTable(QUIET)).toEqual({ findings: [], notChecked: [] });
  });

  it.each([
    [79_999, undefined],
    [80_000, 'warning'],
    [94_999, 'warning'],
    [95_000, 'error'],
    [100_000, 'error'],
  ])('with a max of 100,000 and %d entries gets the level %s for its usage', (count, level) => {
    const evidence = reading({ count, object: { bytes: 256, source: 'x' } });
    expect(assessTable(evidence).findings.find(({ code }) => code === 'TABLE_NEARLY_FULL')?.level).toBe(level);
  });

  it('with a max of 0 gets a warning, and is never nearly full', () => {
    expect(only(reading({ max: 0 }))).toMatchObject({ code: 'MAX_UNLIMITED', level: 'warning' });
  });

  it.each([
    [1, undefined],
    [2, undefined],
    [4, 'warning'],
    [8, 'warning'],
    [16, 'warning'],
    [32, 'error'],
  ])('with %d entries per bucket at max gets the level %s for its chains', (ratio, level) => {
    const [finding] = assessTable(reading({ max: 512 * 100 * ratio, buckets: 512 * 100 })).findings;
    expect(finding?.level).toBe(level);
    if (level !== undefined) expect(finding).toMatchObject({ code: 'CHAIN_LIMIT_AT_MAX', evidence: { averageChainAtMax: 2 * ratio } });
  });

  it('of the legacy layout has no chain limit', () => {
    expect(codes(reading({ layout: 'ip_conntrack', max: 1_048_576, buckets: 8_192 }))).toEqual([]);
  });
});

describe('counters that have risen', () => {
  it('report evictions and drops with their rate per second', () => {
    const found = assessTable(events({ early_drop: 300, drop: 5 }, { count: 99_000 })).findings;
    expect(found.map(({ code, level }) => [code, level])).toEqual([
      ['TABLE_NEARLY_FULL', 'error'],
      ['EARLY_DROPS', 'error'],
      ['DROPS', 'error'],
    ]);
    expect(found[1]).toMatchObject({
      evidence: { early_drop: 300, seconds: 100, perSecond: 3 },
      message: expect.stringContaining('99.0 %') as string,
    });
  });

  it('recommend a number of buckets for long chains', () => {
    const { findings } = assessTable(events({ chainlength: 40, insert_failed: 40 }, { count: 50_000, max: 100_000, buckets: 1_024 }));
    const chain = findings.find(({ code }) => code === 'CHAIN_TOO_LONG');
    expect(chain).toMatchObject({ level: 'error', evidence: { chainlength: 40, averageChainLength: 97.65625, buckets: 1_024 } });
    const buckets = Number(/at least (\d+):/.exec(chain?.remedy ?? '')?.[1]);
    expect(buckets).toBeGreaterThan(50_000);
    expect(codes(reading({ count: 100_000, max: 110_000, buckets }))).not.toContain('CHAIN_LIMIT_AT_MAX');
    expect(findings.find(({ code }) => code === 'INSERT_FAILED')?.remedy).toBe('See CHAIN_TOO_LONG.');
  });

  it('point to an attack if there are enough buckets', () => {
    expect(assessTable(events({ chainlength: 3 })).findings[0]?.remedy).toMatch(/colliding tuples/);
  });

  it.each([
    [{ insert_failed: 7, clashres: 900 }, /7 most likely because another entry had the tuple: 900 such clashes/],
    [{ insert_failed: 7, clashres: 0 }, /no clash was resolved/],
    [{ insert_failed: 7, chainlength: 2, clashres: 1 }, /2 because their chain was too long, 5 most likely/],
  ])('explain failed insertions: %j', (counted, message) => {
    expect(assessTable(events(counted)).findings.find(({ code }) => code === 'INSERT_FAILED')?.message).toMatch(message);
  });

  it('report invalid packets from 100 per second', () => {
    expect(codes(events({ invalid: 9_999 }))).toEqual([]);
    expect(only(events({ invalid: 10_000 }))).toMatchObject({ code: 'INVALID_STORM', evidence: { perSecond: 100 } });
  });
});

describe('other facts about the host', () => {
  it('show entries of other network namespaces, beyond per-processor reserves', () => {
    expect(codes(reading({ object: { bytes: 256, active: 2_000, source: 'x' } }))).toEqual([]);
    expect(only(reading({ object: { bytes: 256, active: 9_000, source: 'x' } }))).toMatchObject({
      code: 'SHARED_WITH_NAMESPACES',
      level: 'information',
      evidence: { count: 1_000, activeObjects: 9_000 },
    });
  });

  it('show another datapath by its interface, or by sockets without entries', () => {
    const empty = reading({ count: 3, object: { bytes: 256, active: 64, source: 'x' } });
    expect(codes(empty)).toEqual([]);
    expect(only({ ...empty, hostContext: { datapaths: ['Cilium (network interface cilium_host)'] } }).message).toMatch(/Likely Cilium/);
    expect(only({ ...empty, hostContext: { tcpSockets: 400, datapaths: [] } })).toMatchObject({
      code: 'OTHER_DATAPATH',
      level: 'information',
    });
    expect(codes({ ...QUIET, reading: { ...READING, count: 5_000 }, hostContext: { tcpSockets: 90_000, datapaths: ['Cilium'] } })).toEqual(
      [],
    );
  });

  it('show why the table is empty, unless rules track or another datapath does', () => {
    const empty = {
      ...reading({ count: 0, object: { bytes: 256, active: 64, source: 'x' } }),
      hostContext: { tcpSockets: 400, datapaths: [] },
    };
    expect(only({ ...empty, ruleUse: 'unused' })).toMatchObject({ code: 'NOTHING_TRACKED', level: 'information', evidence: { count: 0 } });
    expect(only({ ...empty, ruleUse: { unknown: 'No privilege.' } })).toMatchObject({
      message: expect.stringMatching(/is unknown\. No privilege\./) as string,
      remedy: expect.stringContaining('if no rule does so yet') as string,
    });
    expect(only({ ...empty, ruleUse: 'used' }).code).toBe('OTHER_DATAPATH');
    const cilium = { tcpSockets: 0, datapaths: ['Cilium (network interface cilium_host)'] };
    expect(only({ ...empty, ruleUse: 'unused', hostContext: cilium }).code).toBe('OTHER_DATAPATH');
    expect(codes({ ...QUIET, ruleUse: 'unused' })).toEqual([]);
  });

  const timeouts = [
    { fromSeconds: 600, belowSeconds: 3_600, entries: 500 },
    { fromSeconds: 3_600, belowSeconds: 43_200, entries: 60 },
    { fromSeconds: 43_200, belowSeconds: 86_400, entries: 60 },
    { fromSeconds: 86_400, belowSeconds: 432_000, entries: 380 },
    { fromSeconds: 432_000, entries: 0 },
  ];

  it('show idle established flows, from a summary', () => {
    const seen = { ageSeconds: 5, entries: 1_000, timeouts, establishedSeconds: 432_000 };
    expect(only({ ...QUIET, seen })).toMatchObject({
      code: 'ORPHANED_ESTABLISHED',
      evidence: { idleEntries: 120, idleSeconds: 345_600 },
      remedy: expect.stringContaining('timeout<86400') as string,
    });
    // With a timeout of one day, flows in the bin below a day may have been idle for a second only.
    expect(codes({ ...QUIET, seen: { ...seen, establishedSeconds: 86_400 } })).toEqual([]);
  });
});

describe('checks that could not run', () => {
  it('are listed with the reason', () => {
    const { findings, notChecked } = assessTable({
      reading: { layout: 'nf_conntrack', unavailable: [] },
      notRecent: 'No samples are taken.',
    });
    expect(findings).toEqual([]);
    expect(new Set(notChecked.flatMap((each) => each.codes))).toEqual(
      new Set(TABLE_FINDING_CODES.filter((code) => code !== 'MAX_UNLIMITED')),
    );
    expect(notChecked.find((each) => each.codes.includes('DROPS'))?.reason).toBe('No samples are taken.');
  });

  it('are most of them in another network namespace', () => {
    const { notChecked } = assessTable({ reading: { ...READING, namespace: 'blue', count: 90_000 } });
    expect(notChecked.flatMap((each) => each.codes)).toEqual([
      'NOTHING_TRACKED',
      ...(['EARLY_DROPS', 'DROPS', 'CHAIN_TOO_LONG', 'INSERT_FAILED', 'INVALID_STORM'] as const),
      ...(['ORPHANED_ESTABLISHED', 'SHARED_WITH_NAMESPACES', 'OTHER_DATAPATH'] as const),
      'REBOOT_WOULD_CHANGE',
    ]);
  });
});

describe('docs/findings.md', () => {
  it('explains every code, and no other, in the order of the list', () => {
    const documentation = readFileSync(new URL('../../../../docs/findings.md', import.meta.url), 'utf8');
    const rows = [...documentation.matchAll(/^\| `([A-Z_]+)` +\| `\S.+ \| \S.+ \| \S.+ \|$/gm)];
    expect(rows.map(([, code]) => code)).toEqual([...TABLE_FINDING_CODES]);
  });
});

describe('a reboot', () => {
  const reading = { layout: 'nf_conntrack', count: 1, max: 100, buckets: 100, unavailable: [] } as const;

  it('is reported with both values if it would change a setting', () => {
    const boot = [{ name: 'max', live: 100, persisted: 90, atNextBoot: 50 }];
    expect(assessTable({ reading, boot }).findings).toContainEqual(
      expect.objectContaining({
        code: 'REBOOT_WOULD_CHANGE',
        message: 'After a reboot max would be 50 (now 100, persisted 90).',
        evidence: { max: 50 },
      }),
    );
  });

  it('is not reported if nothing would change, and not checked if the next boot is unknown', () => {
    const of = (evidence: Partial<Parameters<typeof assessTable>[0]>) => {
      const { findings, notChecked } = assessTable({ reading, ...evidence });
      return [findings.map(({ code }) => code), notChecked.flatMap(({ codes }) => codes)].map((codes) =>
        codes.includes('REBOOT_WOULD_CHANGE'),
      );
    };
    expect(of({ boot: [] })).toEqual([false, false]);
    expect(of({ noBoot: 'no' })).toEqual([false, true]);
  });
});

describe('other network namespaces', () => {
  it('are reported if they are nearly full, the fullest first', () => {
    const namespaces = [
      { name: 'blue', count: 97_000 },
      { name: 'red', count: 81_000 },
      { name: 'idle', count: 3 },
    ];
    const { findings } = assessTable(reading({ buckets: 524_288, host: { total: 179_003, basis: 'namespaces', namespaces } }));
    expect(findings.map(({ code, level }) => [code, level])).toEqual([
      ['NAMESPACE_NEARLY_FULL', 'error'],
      ['SHARED_WITH_NAMESPACES', 'information'],
    ]);
    expect(findings[0]?.message).toMatch(/blue has 97000 of 100000 entries \(97\.0 %\), red has 81000/);
    expect(findings[1]?.message).toContain('blue has 97000, red has 81000, idle has 3');
  });

  it('are not checked if they are not read, with the reason', () => {
    const { notChecked } = assessTable(reading({ host: { total: 1_000, basis: 'slab', namespaces: [], notRead: 'not enabled' } }));
    expect(notChecked).toEqual([{ codes: ['NAMESPACE_NEARLY_FULL'], reason: 'not enabled' }]);
  });

  it('are reported if their entries make long chains', () => {
    const { findings } = assessTable(reading({ max: 1_000, buckets: 1_024, host: { total: 150_000, basis: 'slab', namespaces: [] } }));
    expect(findings.find(({ code }) => code === 'CHAIN_LIMIT_AT_MAX')?.message).toContain('149000 entries of other network namespaces');
  });
});
