import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClosedChange, Outcome } from '../../src/domain/change.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { CALLER, openApp, type App } from '../support/app.ts';
import { intent } from '../support/intent.ts';

let app: App;
beforeEach(async () => {
  app = await openApp();
});
afterEach(() => app.close());

const change = (settings: Record<string, number>): Promise<ClosedChange> =>
  app.change.run(CALLER, { settings, persist: false, reason: null });

describe('a turn at the gate', () => {
  const observed = { settings: { max: 65_536 }, files: {} };
  const applied: Outcome = { outcome: 'applied', completedAt: new Date('2026-01-01T00:00:00.000Z'), observed };
  const fail = async (): Promise<void> => {
    using turn = await app.gate.enter(CALLER, { key: 'k', fingerprint: 'f' });
    expect(turn.replayed).toBeUndefined();
    throw new Error('refused');
  };

  it('that throws before it opens leaves no trace, and releases the write lock and the key', async () => {
    await expect(fail()).rejects.toThrow('refused');
    await expect(fail()).rejects.toThrow('refused');
    expect(app.journal.list({}, 10)).toEqual([]);
  });

  it('that ends opened but not closed throws with the id of the change, which is settled before the next change', async () => {
    const abandon = async (): Promise<void> => {
      using turn = await app.gate.enter(CALLER, null);
      await turn.open(intent());
    };
    await app.readiness.recent();
    await expect(abandon()).rejects.toMatchObject({ code: 'OUTCOME_UNRECORDED', details: { changeId: 1 } });
    expect(app.journal.get(1).outcome).toBe('pending');
    expect(app.readiness.isRecent()).toBe(false);
    expect((await change({ acct: 1 })).id).toBe(2);
    expect(app.journal.get(1)).toMatchObject({ outcome: 'recovered-unchanged', observed });
  });

  it('that throws while it is open keeps the error beside the one that names the change', async () => {
    const abandon = async (): Promise<void> => {
      using turn = await app.gate.enter(CALLER, null);
      await turn.open(intent());
      throw new Error('a fault');
    };
    await expect(abandon()).rejects.toMatchObject({ error: { code: 'OUTCOME_UNRECORDED' }, suppressed: { message: 'a fault' } });
  });

  it('opens and closes once, in this order, and not after its end', async () => {
    const turn = await app.gate.enter(CALLER, null);
    await expect(turn.close(applied)).rejects.toThrow('entered where open was expected');
    await turn.open(intent());
    await expect(turn.open(intent())).rejects.toThrow('open where entered was expected');
    expect(await turn.close(applied)).toMatchObject({ id: 1, outcome: 'applied' });
    turn[Symbol.dispose]();
    await expect(turn.close(applied)).rejects.toThrow('ended where open was expected');
  });

  it('whose intent may have become durable although the commit failed is settled before the next change', async () => {
    const open = app.journal.open.bind(app.journal);
    await app.recover.run();
    app.journal.open = (wanted) => {
      open(wanted);
      throw new ConntrackError('JOURNAL_UNAVAILABLE', 'disk full');
    };
    await expect(change({ timestamp: 1 })).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    expect((await app.settings.one('timestamp')).value).toBe(0);
    app.journal.open = open;
    expect((await change({ acct: 1 })).id).toBe(2);
    expect(app.journal.get(1).outcome).toBe('recovered-unchanged');
  });
});
