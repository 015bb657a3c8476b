import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import type { ClosedChange } from '../../src/domain/change.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const RUNS = Number(process.env['RACES_RUNS'] ?? 60);
/** A fixed seed, so that a new failure is due to the change at hand. RACES_SEED sets another. */
const SEED = Number(process.env['RACES_SEED'] ?? 1_791_148_035);
const NAMES = ['acct', 'timestamp', 'tcp_loose'] as const;
type Name = (typeof NAMES)[number];
type Values = Readonly<Record<string, number>>;

type Step =
  | { readonly kind: 'change'; readonly settings: Values; readonly window: boolean }
  | { readonly kind: 'outsider'; readonly name: Name; readonly value: number }
  | { readonly kind: 'rollback'; readonly of: number; readonly force: boolean }
  | { readonly kind: 'confirm'; readonly of: number }
  | { readonly kind: 'time passes' };

const bit = fc.integer({ min: 0, max: 1 });
const settings = fc
  .record(Object.fromEntries(NAMES.map((name) => [name, bit])) as Record<Name, typeof bit>, { requiredKeys: [] })
  .filter((chosen) => Object.keys(chosen).length > 0);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('change' as const), settings: settings, window: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('outsider' as const), name: fc.constantFrom(...NAMES), value: bit }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rollback' as const), of: fc.nat(6), force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('confirm' as const), of: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time passes' as const) }) },
);

/** The expected state of the host. The model knows values and windows, but no journal, locks or files. */
class Model {
  live: Record<string, number>;
  readonly done = new Map<number, { readonly before: Values; readonly after: Values }>();
  awaiting = new Set<number>();

  constructor(live: Values) {
    this.live = { ...live };
  }

  apply(id: number, wanted: Values): void {
    const altered = Object.keys(wanted).filter((name) => wanted[name] !== this.live[name]);
    this.done.set(id, { before: pick(this.live, altered), after: pick(wanted, altered) });
    this.live = { ...this.live, ...wanted };
  }

  /** `undefined`: it must be refused. */
  rollbackOf(id: number, force: boolean): Values | undefined {
    const change = this.done.get(id);
    if (!change || Object.keys(change.before).length === 0) return undefined;
    const unchanged = Object.entries(change.after).every(([name, value]) => this.live[name] === value);
    return unchanged || force ? change.before : undefined;
  }

  /** Each auto-revert is a separate change, numbered after the last one, oldest first. A value changed meanwhile is left alone. */
  expire(lastId: number): void {
    for (const id of [...this.awaiting].sort((a, b) => a - b)) {
      const { before, after } = this.done.get(id) ?? { before: {}, after: {} };
      const unchanged = Object.keys(after).filter((name) => this.live[name] === after[name]);
      lastId += 1;
      this.apply(lastId, pick(before, unchanged));
    }
    this.awaiting.clear();
  }
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? NaN]));
}

async function liveOf(app: App): Promise<Values> {
  return (await app.settings.all()).settings.reduce((all, { name, value }) => ({ ...all, [name]: value ?? NaN }), {});
}

async function accepted(attempt: Promise<ClosedChange>): Promise<ClosedChange | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof ConntrackError) return undefined;
    throw error;
  }
}

async function play(app: App, model: Model, next: Step): Promise<void> {
  switch (next.kind) {
    case 'change': {
      const terms = { ...PLAIN_TERMS, confirmWithinSeconds: next.window ? 60 : null };
      const change = await app.change.run(CALLER, { settings: next.settings, persist: false, reason: null }, terms);
      if (change.kind === 'window-extended') return;
      model.apply(change.id, next.settings);
      if (next.window) model.awaiting.add(change.id);
      return;
    }
    case 'outsider':
      await app.tree.write(`proc/sys/net/netfilter/nf_conntrack_${next.name}`, `${String(next.value)}\n`);
      model.live[next.name] = next.value;
      return;
    case 'rollback': {
      const wanted = model.rollbackOf(next.of, next.force);
      const change = await accepted(app.rollBack.run(CALLER, { what: 'change', id: next.of, force: next.force, reason: null }));
      expect(change !== undefined).toBe(wanted !== undefined);
      if (!change || !wanted) return;
      model.apply(change.id, wanted);
      model.awaiting.delete(next.of);
      return;
    }
    case 'confirm': {
      const change = await accepted(app.confirm.run(CALLER, next.of, null));
      expect(change !== undefined).toBe(model.awaiting.delete(next.of));
      return;
    }
    case 'time passes': {
      const lastId = app.journal.list({}, 1)[0]?.id ?? 0;
      app.clock.sinceBoot += 61_000;
      await app.revert.run();
      model.expire(lastId);
    }
  }
}

describe('changes, outsiders, rollbacks, confirmations and time, in any order', () => {
  it('leave the host as a small model predicts, and a journal that verifies', async () => {
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (sequence) => {
        const app = await openApp();
        try {
          const model = new Model(pick(await liveOf(app), NAMES));
          for (const next of sequence) {
            await play(app, model, next);
            expect(pick(await liveOf(app), NAMES)).toEqual(model.live);
            steps += 1;
          }
          expect(app.journal.pending()).toEqual([]);
          expect((await app.journal.verify()).broken).toBeUndefined();
        } finally {
          await app.close();
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
    console.log(`model: ${RUNS} sequences, ${steps} steps, differences 0`);
  });
});
