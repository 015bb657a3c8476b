import { describe, expect, it } from 'vitest';
import { GapAccount, gapOf } from '../../../../src/kernel/events/gap-account.ts';

describe('what a client has missed', () => {
  it('is nothing at first, and nothing again once it was told', () => {
    const account = new GapAccount();
    expect(account.isEmpty).toBe(true);
    account.addOwn();
    expect(account.isEmpty).toBe(false);
    expect(account.settle()).toEqual([gapOf('client', 1)]);
    expect([account.isEmpty, account.settle()]).toEqual([true, []]);
  });

  it('adds up, apart by who dropped it', () => {
    const account = new GapAccount();
    for (let count = 0; count < 3; count += 1) account.addOwn();
    account.addKernels(5);
    account.addKernels(7);
    expect(account.settle()).toEqual([gapOf('client', 3), gapOf('kernel', 12)]);
  });

  it('has no number for what the kernel dropped where one part of it is not known', () => {
    const account = new GapAccount();
    account.addKernels(5);
    account.addKernels(undefined);
    account.addKernels(7);
    expect(account.settle()).toEqual([gapOf('kernel')]);
    expect(gapOf('kernel')).not.toHaveProperty('dropped');
  });
});
