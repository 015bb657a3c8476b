import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TableGate } from '../../../src/kernel/table-gate.ts';

const nothing = (): void => undefined;

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await turn();
}

describe('the gate of the table', () => {
  it('lets dumps in side by side, and a resize only when all of them are over', async () => {
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

  it('keeps a dump waiting until the resize is over, whether it succeeds or not', async () => {
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

  it('gives what the resize gives', async () => {
    expect(await new TableGate().exclusively(() => Promise.resolve(512))).toBe(512);
  });

  it('ends the dumps that a resize has waited for long enough, and says why', async () => {
    const gate = new TableGate(20);
    const reasons: string[] = [];
    const leave = await gate.enter((reason) => {
      reasons.push(reason);
      leave();
    });
    await gate.exclusively(() => Promise.resolve(reasons.push('resized')));
    expect(reasons).toEqual(['the table is being resized', 'resized']);
  });

  it('waits also for a dump that takes its time to end', async () => {
    const gate = new TableGate(1);
    let isOver = false;
    const leave = await gate.enter(() => {
      void turns(5).then(() => {
        isOver = true;
        leave();
      });
    });
    expect(await gate.exclusively(() => Promise.resolve(isOver))).toBe(true);
  });

  it('never has a resize beside a dump or another resize, in whatever order they come', async () => {
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
