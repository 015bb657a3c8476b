import { describe, expect, it } from 'vitest';
import { EntrySummary } from '../../../../src/kernel/entries/summary/summary-builder.ts';
import { chunk, end, OPENED, passOf, tally } from './part-stand-ins.ts';

const REFUSED = { kind: 'unreadable', what: 'bind', failure: { code: 'EPERM', message: 'operation not permitted' } } as const;

describe('the start of a pass', () => {
  it('waits until all parts are open', async () => {
    const { pass, send } = passOf(2);
    let isOpen = false;
    const opened = pass.untilOpened().then((refusal) => {
      isOpen = true;
      return refusal;
    });
    send(1, OPENED);
    await Promise.resolve();
    expect(isOpen).toBe(false);
    send(0, OPENED);
    expect(await opened).toBeUndefined();
  });

  it('is refused if one part is refused, and the other part is stopped', async () => {
    const { pass, stopped, send } = passOf(2);
    send(0, OPENED);
    send(1, REFUSED);
    expect(await pass.untilOpened()).toEqual(REFUSED);
    await pass.ended;
    expect(stopped).toEqual([true, true]);
  });

  it('is refused if the worker has exited', async () => {
    const { pass, send } = passOf(1);
    send(0, { kind: 'broken', reason: 'the worker thread exited early' });
    expect(await pass.untilOpened()).toEqual({ kind: 'broken', reason: 'the worker thread exited early' });
    await pass.ended;
  });

  it('does not wait for parts that were stopped before they could open', async () => {
    const { pass, send } = passOf(1);
    const opened = pass.untilOpened();
    pass.stop('the table is being resized');
    send(0, OPENED);
    expect(await opened).toEqual({ kind: 'broken', reason: 'the table is being resized' });
  });
});

describe('a finished pass', () => {
  it('delivers the chunks of all parts in the order of arrival, then the sum of all parts', async () => {
    const { pass, send } = passOf(2);
    const [first, second] = [chunk('a', 1), chunk('b', 1)];
    send(1, first);
    send(0, second);
    expect([await pass.take(), await pass.take()]).toEqual([
      [1, first],
      [0, second],
    ]);
    const last = pass.take();
    send(0, end(tally(2, 5, 1)));
    send(1, end(tally(3, 4, 2), { isFilteredByKernel: true }));
    expect(await last).toBeUndefined();
    expect(pass.end()).toEqual({ outcome: 'complete', tally: tally(5, 9, 3), isFilteredByKernel: true, results: [{}, {}] });
    await pass.ended;
  });

  it('is `resized` if one part is', async () => {
    const { pass, send } = passOf(2);
    send(0, end(tally(1), { outcome: 'resized' }));
    send(1, end(tally(1)));
    await pass.take();
    expect(pass.end()).toMatchObject({ outcome: 'resized', tally: tally(2) });
  });

  it.each([
    ['failed', end(tally(7), { outcome: 'interrupted', reason: 'reading failed: ENOBUFS' }), 'reading failed: ENOBUFS'],
    ['lost its worker', { kind: 'broken', reason: 'the worker thread exited early' } as const, 'the worker thread exited early'],
    ['was refused late', REFUSED, 'bind: operation not permitted'],
  ])('is `interrupted` if one part %s, even if another was resized', async (_, message, reason) => {
    const { pass, send } = passOf(2);
    send(0, end(tally(1), { outcome: 'resized' }));
    send(1, message);
    await pass.take();
    expect(pass.end()).toMatchObject({ outcome: 'interrupted', reason });
  });
});

describe('a pass whose first part merges the others', () => {
  const counted = new EntrySummary({ by: ['zone'], top: 1, orderBy: 'entries' }).counted();

  it('passes on what the others counted, and ends with the first', async () => {
    const { pass, counted: received, stopped, send } = passOf(2, true);
    send(1, end(tally(3), {}, { counted }));
    expect(received).toEqual([counted]);
    send(0, end(tally(2)));
    expect(await pass.take()).toBeUndefined();
    expect(pass.end()).toMatchObject({ outcome: 'complete', tally: tally(5) });
    expect(stopped).toEqual([false, false]);
  });

  it.each([0, 1])('is stopped if part %i fails, with its reason, because the other would wait or work in vain', async (failed) => {
    const { pass, counted: received, stopped, send } = passOf(2, true);
    send(failed, end(tally(3), { outcome: 'interrupted', reason: 'reading failed: ENOBUFS' }, { counted }));
    expect(await pass.take()).toBeUndefined();
    await pass.ended;
    expect({ stopped, received }).toEqual({ stopped: [true, true], received: [] });
    expect(pass.end()).toMatchObject({ outcome: 'interrupted', reason: 'reading failed: ENOBUFS' });
  });

  it('is stopped if the worker of the other part exits', async () => {
    const { pass, stopped, send } = passOf(2, true);
    send(1, { kind: 'broken', reason: 'the worker thread exited early' });
    await pass.ended;
    expect(stopped).toEqual([true, true]);
    expect(pass.end()).toMatchObject({ outcome: 'interrupted', reason: 'the worker thread exited early' });
  });
});

describe('a stopped pass', () => {
  it('counts what was taken, keeps the first reason, stops every part and ignores later messages', async () => {
    const { pass, stopped, send } = passOf(2);
    send(0, chunk('a', 10));
    send(1, chunk('b', 20));
    send(0, chunk('c', 30));
    await pass.take();
    await pass.take();
    pass.stop('the client closed the stream');
    pass.stop('a second reason');
    send(0, end(tally(100)));
    expect(await pass.take()).toBeUndefined();
    await pass.ended;
    expect(stopped).toEqual([true, true]);
    expect(pass.end()).toMatchObject({ outcome: 'interrupted', reason: 'the client closed the stream', tally: tally(30) });
  });

  it('ends a pending wait for a chunk', async () => {
    const { pass } = passOf(1);
    const awaited = pass.take();
    pass.stop('the client closed the stream');
    expect(await awaited).toBeUndefined();
  });

  it('is complete if its last chunk was taken before', async () => {
    const { pass, send } = passOf(1);
    send(0, end(tally(3)));
    await pass.take();
    pass.stop('the client closed the stream');
    expect(pass.end()).toMatchObject({ outcome: 'complete', tally: tally(3) });
  });

  it('is interrupted if chunks were not taken, even if the table was read to its end', async () => {
    const { pass, send } = passOf(1);
    send(0, chunk('a', 1));
    send(0, end(tally(1)));
    await pass.ended;
    pass.stop('no chunk was taken for 60 s');
    expect(pass.end()).toMatchObject({ outcome: 'interrupted', tally: tally(0) });
  });
});
