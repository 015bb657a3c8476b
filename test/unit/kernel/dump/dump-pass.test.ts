import { describe, expect, it } from 'vitest';
import { chunk, end, OPENED, passOf, tally } from './part-stand-ins.ts';

const REFUSED = { kind: 'unreadable', what: 'bind', failure: { code: 'EPERM', message: 'operation not permitted' } } as const;

describe('the beginning of a pass', () => {
  it('is when all of its parts are open', async () => {
    const { pass, say } = passOf(2);
    let isOpen = false;
    const opened = pass.untilOpened().then((refusal) => {
      isOpen = true;
      return refusal;
    });
    say(1, OPENED);
    await Promise.resolve();
    expect(isOpen).toBe(false);
    say(0, OPENED);
    expect(await opened).toBeUndefined();
  });

  it('is refused where one part is, and the other is freed', async () => {
    const { pass, stopped, say } = passOf(2);
    say(0, OPENED);
    say(1, REFUSED);
    expect(await pass.untilOpened()).toEqual(REFUSED);
    await pass.ended;
    expect(stopped).toEqual([true, true]);
  });

  it('is refused where the thread is gone', async () => {
    const { pass, say } = passOf(1);
    say(0, { kind: 'broken', reason: 'the thread ended early' });
    expect(await pass.untilOpened()).toEqual({ kind: 'broken', reason: 'the thread ended early' });
    await pass.ended;
  });

  it('does not wait for parts that were stopped before they could open', async () => {
    const { pass, say } = passOf(1);
    const opened = pass.untilOpened();
    pass.stop('the table is being resized');
    say(0, OPENED);
    expect(await opened).toEqual({ kind: 'broken', reason: 'the table is being resized' });
  });
});

describe('a pass to its end', () => {
  it('gives the chunks of all parts as they come, and then adds the parts up', async () => {
    const { pass, say } = passOf(2);
    const [first, second] = [chunk('a', 1), chunk('b', 1)];
    say(1, first);
    say(0, second);
    expect([await pass.take(), await pass.take()]).toEqual([
      [1, first],
      [0, second],
    ]);
    const last = pass.take();
    say(0, end(tally(2, 5, 1)));
    say(1, end(tally(3, 4, 2), { isFilteredByKernel: true }));
    expect(await last).toBeUndefined();
    expect(pass.end()).toEqual({ outcome: 'complete', tally: tally(5, 9, 3), isFilteredByKernel: true, results: [{}, {}] });
    await pass.ended;
  });

  it('is resized where one part was', async () => {
    const { pass, say } = passOf(2);
    say(0, end(tally(1), { outcome: 'resized' }));
    say(1, end(tally(1)));
    await pass.take();
    expect(pass.end()).toMatchObject({ outcome: 'resized', tally: tally(2) });
  });

  it.each([
    ['broke off', end(tally(7), { outcome: 'interrupted', reason: 'reading broke off: ENOBUFS' }), 'reading broke off: ENOBUFS'],
    ['lost its thread', { kind: 'broken', reason: 'the thread ended early' } as const, 'the thread ended early'],
    ['was refused late', REFUSED, 'bind: operation not permitted'],
  ])('is interrupted where one part %s, even if another was resized', async (_, message, reason) => {
    const { pass, say } = passOf(2);
    say(0, end(tally(1), { outcome: 'resized' }));
    say(1, message);
    await pass.take();
    expect(pass.end()).toMatchObject({ outcome: 'interrupted', reason });
  });
});

describe('a pass that is stopped', () => {
  it('counts what was taken, says why, frees every part and hears nothing more', async () => {
    const { pass, stopped, say } = passOf(2);
    say(0, chunk('a', 10));
    say(1, chunk('b', 20));
    say(0, chunk('c', 30));
    await pass.take();
    await pass.take();
    pass.stop('it was given up');
    pass.stop('a second reason');
    say(0, end(tally(100)));
    expect(await pass.take()).toBeUndefined();
    await pass.ended;
    expect(stopped).toEqual([true, true]);
    expect(pass.end()).toMatchObject({ outcome: 'interrupted', reason: 'it was given up', tally: tally(30) });
  });

  it('lets go of whoever waits for a chunk', async () => {
    const { pass } = passOf(1);
    const awaited = pass.take();
    pass.stop('it was given up');
    expect(await awaited).toBeUndefined();
  });

  it('after its last chunk was taken was not stopped', async () => {
    const { pass, say } = passOf(1);
    say(0, end(tally(3)));
    await pass.take();
    pass.stop('it was given up');
    expect(pass.end()).toMatchObject({ outcome: 'complete', tally: tally(3) });
  });

  it('with chunks that nobody took is interrupted, though the table was read to its end', async () => {
    const { pass, say } = passOf(1);
    say(0, chunk('a', 1));
    say(0, end(tally(1)));
    await pass.ended;
    pass.stop('no chunk was taken for 60 s');
    expect(pass.end()).toMatchObject({ outcome: 'interrupted', tally: tally(0) });
  });
});
