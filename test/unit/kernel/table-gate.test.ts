import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TableGate } from '../../../src/kernel/table-gate.ts';

const nothing = (): void => undefined;

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await turn();
}

describe('the table gate', () => {
  it('lets dumps run in parallel, and a resize only after all of them have ended', async () => {
    const gate = new TableGate();
    const leave = [await gate.enter(nothing), await gate.enter(nothing)];
    const log: string[] = [];
    const resize = gate.exclusively(() => Promise.resolve(log.push('resize')));
    for (const leaveOne of leave) {
      await turns(3);
      log.push('leave');
      leaveOne();
    }
    await resize;
    expect(log).toEqual(['leave', 'leave', 'resize']);
  });

  it('makes a dump wait until the resize has ended, successfully or not', async () => {
    const gate = new TableGate();
    const log: string[] = [];
    const resize = gate.exclusively(async () => {
      await turns(3);
      log.push('refused');
      throw new Error('EINVAL');
    });
    const entered = gate.enter(nothing).then(() => log.push('dump'));
    await expect(resize).rejects.toThrow('EINVAL');
    await entered;
    expect(log).toEqual(['refused', 'dump']);
  });

  it('returns the result of the resize', async () => {
    expect(await new TableGate().exclusively(() => Promise.resolve(512))).toBe(512);
  });

  it('ends dumps when a resize has waited for the timeout, with the reason', async () => {
    const gate = new TableGate(20);
    const reasons: string[] = [];
    const leave = await gate.enter((reason) => {
      reasons.push(reason);
      leave();
    });
    await gate.exclusively(() => Promise.resolve(reasons.push('resized')));
    expect(reasons).toEqual(['the table is being resized', 'resized']);
  });

  it('waits for a dump that ends slowly after it was stopped', async () => {
    const gate = new TableGate(1);
    let hasEnded = false;
    const leave = await gate.enter(() => {
      void turns(5).then(() => {
        hasEnded = true;
        leave();
      });
    });
    expect(await gate.exclusively(() => Promise.resolve(hasEnded))).toBe(true);
  });

  it('never runs a resize during a dump or another resize, in any order of arrival', async () => {
    const visit = fc.record({ kind: fc.constantFrom('dump', 'resize'), after: fc.nat(6), takes: fc.nat(4) });
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 2, maxLength: 12 }), async (visits) => {
        const gate = new TableGate();
        const inside = { dump: 0, resize: 0 };
        let clashes = 0;
        const stay = async (kind: 'dump' | 'resize', takes: number): Promise<void> => {
          inside[kind] += 1;
          if (inside.resize > 1 || (inside.resize > 0 && inside.dump > 0)) clashes += 1;
          await turns(takes);
          inside[kind] -= 1;
        };
        const all = visits.map(async ({ kind, after, takes }) => {
          await turns(after);
          if (kind === 'resize') return gate.exclusively(() => stay('resize', takes));
          const leave = await gate.enter(nothing);
          await stay('dump', takes);
          leave();
        });
        await Promise.all(all);
        expect(clashes).toBe(0);
      }),
    );
  });
});
