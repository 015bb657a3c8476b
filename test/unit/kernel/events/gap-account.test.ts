import { describe, expect, it } from 'vitest';
import { GapAccount, gapOf } from '../../../../src/kernel/events/gap-account.ts';

describe('the events that a client has missed', () => {
  it('are none at first, and none again after they were reported', () => {
    const account = new GapAccount();
    expect(account.isEmpty).toBe(true);
    account.addDroppedForClient();
    expect(account.isEmpty).toBe(false);
    expect(account.drain()).toEqual([gapOf('client', 1)]);
    expect([account.isEmpty, account.drain()]).toEqual([true, []]);
  });

  it('are counted separately for drops by the kernel and by the log', () => {
    const account = new GapAccount();
    for (let count = 0; count < 3; count += 1) account.addDroppedForClient();
    account.addDroppedByKernel(5);
    account.addDroppedByKernel(7);
    expect(account.drain()).toEqual([gapOf('client', 3), gapOf('kernel', 12)]);
  });

  it('have no number of drops by the kernel if one of the numbers is unknown', () => {
    const account = new GapAccount();
    account.addDroppedByKernel(5);
    account.addDroppedByKernel(undefined);
    account.addDroppedByKernel(7);
    expect(account.drain()).toEqual([gapOf('kernel')]);
    expect(gapOf('kernel')).not.toHaveProperty('dropped');
  });
});
