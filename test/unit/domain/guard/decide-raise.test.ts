import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRaise, whetherToRaise, type GuardDecision, type GuardReading } from '../../../../src/domain/guard/decide-raise.ts';
import { GUARD_DEFAULTS, type GuardConfig } from '../../../../src/domain/guard/guard-config.ts';
import { NO_GUARD_HISTORY, type GuardHistory } from '../../../../src/domain/guard/guard-history.ts';
import { assessRisks, type HostFacts } from '../../../../src/domain/risks/setting-risks.ts';

const GIB = 1024 ** 3;
const NOW = new Date('2026-01-01T00:10:00.000Z');
const NEW = NO_GUARD_HISTORY;
const ON: GuardConfig = { ...GUARD_DEFAULTS, enabled: true };
const HOST: HostFacts = {
  layout: 'nf_conntrack',
  release: '6.18.0',
  count: 60_000,
  max: 65_536,
  buckets: 65_536,
  objectBytes: 256,
  memoryTotalBytes: 4 * GIB,
  memoryAvailableBytes: 2 * GIB,
  bucketQuantum: 512,
  host: { total: 60_000, basis: 'slab', namespaces: [] },
};

function decide(
  config: Partial<GuardConfig>,
  reading: GuardReading = { count: 60_000, max: 65_536 },
  history: GuardHistory = NEW,
  facts: Partial<HostFacts> = {},
): GuardDecision {
  const full = { ...ON, ...config };
  const trigger = whetherToRaise(full, reading, history, NOW);
  return 'action' in trigger ? trigger : decideRaise(full, trigger, { ...HOST, ...reading, ...facts });
}

describe('the guard', () => {
  it('does nothing while it is off', () => {
    expect(decide({ enabled: false }).action).toBe('off');
  });

  it('does nothing below raiseAt', () => {
    expect(decide({}, { count: 52_428, max: 65_536 }).action).toBe('none');
  });

  it('raises max by the factor from raiseAt on, with its evidence', () => {
    expect(decide({ raiseAt: 0.5, ceiling: 200_000 }, { count: 32_768, max: 65_536 })).toMatchObject({
      action: 'raise',
      reason: 'guard: 32768 of 65536 entries in use (50.0 %), at or above 50 %; limit 200000 (ceiling)',
      raise: { max: 98_304, evidence: { trigger: 'raiseAt', count: 32_768, max: 65_536, limit: 200_000, limitedBy: 'ceiling' } },
    });
  });

  it('raises max below raiseAt if the forecast fills the table in less than predictSeconds', () => {
    const reading = { count: 10_000, max: 65_536, secondsToFull: 299 };
    expect(decide({ predictSeconds: 300 }, reading)).toMatchObject({
      action: 'raise',
      raise: { evidence: { trigger: 'predictSeconds', secondsToFull: 299 } },
    });
    expect(decide({ predictSeconds: 299 }, reading).action).toBe('none');
    expect(decide({ predictSeconds: 0 }, { ...reading, secondsToFull: 0 }).action).toBe('none');
  });

  it('raises only as far as the ceiling, and not at the ceiling', () => {
    expect(decide({ ceiling: 70_000 })).toMatchObject({ raise: { max: 70_000 } });
    expect(decide({ ceiling: 65_536 })).toMatchObject({ action: 'at-limit', limitedBy: 'ceiling' });
    expect(decide({ ceiling: 1_000 })).toMatchObject({ action: 'at-limit', reason: 'max is 65536, and ceiling allows 1000.' });
  });

  it('raises only as far as the share of memory, buckets included', () => {
    const memoryTotalBytes = 400_000_000;
    // (100,000,000 - 4,096) / 520 bytes an entry.
    expect(decide({ factor: 8 }, undefined, NEW, { memoryTotalBytes })).toMatchObject({
      raise: { max: 192_299, evidence: { limit: 192_299, limitedBy: 'memoryShare' } },
    });
  });

  it('does nothing if memory or buckets cannot be read', () => {
    expect(decide({}, undefined, NEW, { memoryTotalBytes: undefined } as never)).toMatchObject({ action: 'at-limit' });
    expect(decide({}, undefined, NEW, { buckets: undefined } as never)).toMatchObject({ action: 'at-limit' });
  });

  it('does nothing if count or max cannot be read, or max is 0', () => {
    expect(decide({}, { max: 65_536 }).action).toBe('none');
    expect(decide({}, { count: 1 }).action).toBe('none');
    expect(decide({}, { count: 1, max: 0 }).action).toBe('none');
  });

  it('keeps the buckets, and then does not exceed 4 entries per bucket', () => {
    expect(decide({ factor: 8 }, undefined, NEW, { buckets: 16_896 })).toMatchObject({
      raise: { max: 67_584, evidence: { limitedBy: 'chainLength' } },
    });
    expect(decide({ factor: 8 }, undefined, NEW, { buckets: 16_896, release: '4.19.0' })).toMatchObject({ raise: { max: 524_288 } });
  });

  it('raises the buckets too with follow, if chains require it', () => {
    expect(decide({ buckets: 'follow', factor: 2 })).toMatchObject({ raise: { max: 131_072, buckets: 131_072 } });
    const enough = decide({ buckets: 'follow', factor: 2 }, undefined, NEW, { buckets: 262_144 });
    expect(enough).toMatchObject({ raise: { max: 131_072 } });
    expect('raise' in enough && enough.raise).not.toHaveProperty('buckets');
  });

  it('keeps the buckets with follow if the resize would stop traffic', () => {
    const decision = decide({ buckets: 'follow', factor: 2 }, undefined, NEW, { host: { total: 100_001, basis: 'slab', namespaces: [] } });
    expect(decision).toMatchObject({ action: 'raise', raise: { max: 131_072 } });
    expect('raise' in decision && decision.raise).not.toHaveProperty('buckets');
  });

  it('waits for the cooldown, and longer not', () => {
    const before = (milliseconds: number): GuardHistory => ({ ...NEW, lastAttempt: new Date(NOW.getTime() - milliseconds) });
    expect(decide({ cooldownSeconds: 60 }, undefined, before(59_001))).toMatchObject({ action: 'cooldown', waitSeconds: 1 });
    expect(decide({ cooldownSeconds: 60 }, undefined, before(60_000)).action).toBe('raise');
    expect(decide({ cooldownSeconds: 60 }, undefined, before(-5_000)).action).toBe('raise');
  });

  it('never lowers, never exceeds a limit, and raises only what the gate accepts', () => {
    const number = (maximum: number) => fc.integer({ min: 1, max: maximum });
    const configs = fc.record({
      raiseAt: fc.integer({ min: 500, max: 990 }).map((value) => value / 1000),
      factor: fc.integer({ min: 1010, max: 8000 }).map((value) => value / 1000),
      ceiling: fc.option(number(2_147_483_647)),
      memoryShare: fc.integer({ min: 10, max: 600 }).map((value) => value / 1000),
      buckets: fc.constantFrom('keep' as const, 'follow' as const),
    });
    const hosts = fc.record({ max: number(10_000_000), buckets: number(10_000).map((pages) => pages * 512), memoryGib: number(512) });
    let raised = 0;
    fc.assert(
      fc.property(configs, hosts, fc.double({ min: 0.5, max: 1, noNaN: true }), number(1_000_000), (config, host, used, elsewhere) => {
        const { max, buckets } = host;
        const count = Math.floor(used * max);
        const memory = { memoryTotalBytes: host.memoryGib * GIB, memoryAvailableBytes: host.memoryGib * GIB };
        const facts: HostFacts = {
          ...HOST,
          ...memory,
          count,
          max,
          buckets,
          host: { total: count + elsewhere, basis: 'slab', namespaces: [] },
        };
        const decision = decide(config, { count, max }, NEW, facts);
        if (decision.action !== 'raise') return;
        raised += 1;
        const to = decision.raise;
        expect(to.max).toBeGreaterThan(max);
        expect(to.max).toBeLessThanOrEqual(config.ceiling ?? Infinity);
        expect(to.max).toBeLessThanOrEqual(Math.ceil(max * config.factor));
        expect((to.max * 512) / memory.memoryTotalBytes).toBeLessThanOrEqual(config.memoryShare);
        expect(to.buckets ?? buckets).toBeGreaterThanOrEqual(buckets);
        expect(count).toBeGreaterThanOrEqual(max * config.raiseAt);
        const changes = [
          { name: 'max', before: max, requested: to.max },
          ...(to.buckets === undefined ? [] : [{ name: 'buckets', before: buckets, requested: to.buckets }]),
        ];
        const stopping = assessRisks(changes, facts, false).filter(({ level }) => level === 'acknowledge' || level === 'refused');
        expect(stopping.filter(({ code, level }) => code !== 'MAX_MEMORY' || level === 'refused')).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
    expect(raised).toBeGreaterThan(50);
  });

  it('raises at least as far with a higher limit', () => {
    const to = (config: Partial<GuardConfig>): number => {
      const decision = decide(config);
      return decision.action === 'raise' ? decision.raise.max : 65_536;
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400_000 }),
        fc.nat(100_000),
        fc.integer({ min: 10, max: 500 }),
        fc.nat(100),
        (ceiling, more, share, rise) => {
          expect(to({ factor: 4, ceiling: ceiling + more })).toBeGreaterThanOrEqual(to({ factor: 4, ceiling }));
          expect(to({ factor: 4, memoryShare: (share + rise) / 1000 })).toBeGreaterThanOrEqual(
            to({ factor: 4, memoryShare: share / 1000 }),
          );
        },
      ),
    );
  });
});
