import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Lane } from '../../../../src/http/server/lane.ts';

/** The parts of a response that a lane observes. */
class Response extends EventEmitter {
  destroyed = false;
  writableEnded = false;
  headersSent = false;

  end(): void {
    this.headersSent = this.writableEnded = this.destroyed = true;
    this.emit('close');
  }
}

function laneWith(state: { isChanging: boolean }) {
  const lane = new Lane(() => state.isChanging);
  return (serve: (response: Response) => void): Response => {
    const response = new Response();
    lane.add(response as unknown as ServerResponse, () => {
      serve(response);
    });
    return response;
  };
}

function busyFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** From its `pausedAt`th reading on, the clock is 200 ms ahead: the process did not run in between. */
function pauseBeforeReading(pausedAt: number): void {
  const now = performance.now.bind(performance);
  let readings = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ((readings += 1) > pausedAt ? 200 : 0));
}

describe('a lane', () => {
  it.each(Array.from({ length: 25 }, (_, index) => index))(
    'serves what waits beside a change, also if the process is paused before it reads the clock for the %dth time',
    async (pausedAt) => {
      const add = laneWith({ isChanging: true });
      let served = 0;
      pauseBeforeReading(pausedAt);
      for (let index = 0; index < 3; index += 1) {
        add((response) => {
          served += 1;
          setTimeout(() => {
            response.end();
          }, 5);
        });
      }
      await expect.poll(() => served, { timeout: 2_000 }).toBe(3);
    },
  );

  it('continues after requests whose handler throws', async () => {
    const add = laneWith({ isChanging: false });
    for (let index = 0; index < 3; index += 1) {
      expect(() =>
        add(() => {
          throw new Error('a fault');
        }),
      ).toThrow('a fault');
      await sleep(300);
    }
    let isServed = false;
    add(() => (isServed = true));
    await expect.poll(() => isServed).toBe(true);
  });

  it('serves in the order of arrival, in many turns of the event loop', async () => {
    const add = laneWith({ isChanging: false });
    const served: number[] = [];
    let turns = 0;
    for (let index = 0; index < 100; index += 1) {
      add((response) => {
        busyFor(1);
        served.push(index);
        response.end();
      });
    }
    expect(served.length).toBeLessThan(10);
    for (; served.length < 100; turns += 1) await nextTurn();
    expect(served).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(turns).toBeGreaterThanOrEqual(15);
  });

  it('leaves most of the time to a change, and does not stand still', async () => {
    const state = { isChanging: true };
    const add = laneWith(state);
    let used = 0;
    for (let index = 0; index < 1_000; index += 1) {
      add((response) => {
        const startedAt = performance.now();
        busyFor(2);
        used += performance.now() - startedAt;
        response.end();
      });
    }
    const startedAt = performance.now();
    await sleep(400);
    const share = used / (performance.now() - startedAt);
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.4);
    state.isChanging = false;
  });

  it('has two requests in progress, and beside a change one', async () => {
    const state = { isChanging: false };
    const add = laneWith(state);
    const begun: Response[] = [];
    for (let index = 0; index < 5; index += 1) add((response) => begun.push(response));
    expect(begun).toHaveLength(2);
    state.isChanging = true;
    begun[0]?.end();
    await sleep(20);
    expect(begun).toHaveLength(2);
    begun[1]?.end();
    await sleep(150);
    expect(begun).toHaveLength(3);
  });

  it('continues beside streams, and beside requests that wait for something else', async () => {
    const add = laneWith({ isChanging: false });
    const stream = add((response) => (response.headersSent = true));
    const hanging = add(() => undefined);
    let served = 0;
    for (let index = 0; index < 3; index += 1) {
      add((response) => {
        served += 1;
        response.end();
      });
    }
    expect(served).toBe(0);
    await sleep(500);
    expect(served).toBe(3);
    // Their ends are not counted twice: two are in progress at most.
    stream.end();
    hanging.end();
    let begun = 0;
    for (let index = 0; index < 5; index += 1) add(() => (begun += 1));
    expect(begun).toBe(2);
  });

  it('drops requests whose client disconnected while they waited', async () => {
    const add = laneWith({ isChanging: false });
    const [first, second] = [add(() => undefined), add(() => undefined)];
    let served = 0;
    const gone = add(() => (served += 1));
    add((response) => {
      served += 10;
      response.end();
    });
    gone.destroyed = true;
    first.end();
    second.end();
    await nextTurn();
    expect(served).toBe(10);
  });
});
