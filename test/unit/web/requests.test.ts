import { describe, expect, it } from 'vitest';
import { clockAhead, ClockBound } from '../../../web/api/clock-ahead.ts';
import { ApiProblem, problemOf, retryAfterIn, toProblem } from '../../../web/api/problem.ts';
import { nextPollMilliseconds } from '../../../web/polling/next-poll.ts';

describe('polling', () => {
  it('waits longer after each failure, up to two minutes', () => {
    const waits = [0, 1, 2, 3, 10, 1_000].map((failures) => nextPollMilliseconds({ everyMilliseconds: 5_000, failures }));
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 120_000, 120_000]);
  });

  it('never waits less than the interval, or less than Retry-After', () => {
    expect(nextPollMilliseconds({ everyMilliseconds: 150_000, failures: 3 })).toBe(150_000);
    expect(nextPollMilliseconds({ everyMilliseconds: 5_000, failures: 1, retryAfterSeconds: 600 })).toBe(600_000);
    expect(nextPollMilliseconds({ everyMilliseconds: 5_000, failures: 1, retryAfterSeconds: 1 })).toBe(10_000);
  });

  it('reads Retry-After in seconds only', () => {
    expect(retryAfterIn('30')).toBe(30);
    expect([null, '', '-1', '1.5', 'Wed, 25 Nov 2026 10:00:00 GMT'].map(retryAfterIn)).toEqual(Array(5).fill(undefined));
  });
});

describe('an error', () => {
  it('is the problem document of the service', () => {
    const problem = { code: 'RISK_REFUSED', title: 'The change is too dangerous', detail: '…', status: 422, remedy: '…' };
    expect(toProblem(422, problem)).toBe(problem);
    expect(problemOf(new ApiProblem(problem))).toBe(problem);
  });

  it.each([undefined, 'Bad Gateway', null, { code: 'x' }])('with another body (%s) is described as an unexpected response', (body) => {
    expect(toProblem(502, body)).toMatchObject({
      code: 'HTTP_502',
      status: 502,
      detail: expect.stringContaining('not a problem document') as string,
    });
  });

  it('in the page itself is described as PAGE_FAULT', () => {
    expect(problemOf(new TypeError('x is not a function'))).toMatchObject({ code: 'PAGE_FAULT', detail: 'x is not a function' });
  });
});

describe('the clock of the service', () => {
  const date = 'Wed, 25 Nov 2026 10:00:00 GMT';
  const second = Date.parse(date);

  it('has an upper bound, so that a countdown never shows too much time', () => {
    // The response was sent at 10:00:00.900 by the service's clock, 3 s after the request by a correct clock.
    const bound = clockAhead(date, second + 900 - 3_000) ?? Number.NaN;
    expect(bound).toBeGreaterThanOrEqual(0);
    expect(clockAhead(null, 0)).toBeUndefined();
    expect(clockAhead('yesterday', 0)).toBeUndefined();
  });

  it('has the lowest bound of the last responses', () => {
    const bound = new ClockBound();
    expect(bound.milliseconds).toBe(0);
    for (const each of [5_000, undefined, 700, 900]) bound.add(each);
    expect(bound.milliseconds).toBe(700);
    for (let count = 0; count < 20; count += 1) bound.add(-60_000);
    expect(bound.milliseconds).toBe(-60_000);
    for (let count = 0; count < 20; count += 1) bound.add(800);
    expect(bound.milliseconds).toBe(800);
  });
});
