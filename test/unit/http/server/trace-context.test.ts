import { describe, expect, it } from 'vitest';
import { traceparentOf } from '../../../../src/http/server/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('traceparentOf', () => {
  it.each([
    [`00-${TRACE}-${PARENT}-01`, `00-${TRACE}-${PARENT}-01`],
    [`00-${TRACE}-${PARENT}-00`, `00-${TRACE}-${PARENT}-00`],
    [`cc-${TRACE}-${PARENT}-01`, `cc-${TRACE}-${PARENT}-01`],
    [`cc-${TRACE}-${PARENT}-01-what-the-future-brings`, `cc-${TRACE}-${PARENT}-01`],
  ])('accepts %s', (sent, expected) => {
    expect(traceparentOf({ headers: { traceparent: sent } })).toBe(expected);
  });

  it.each([
    '',
    'x',
    `${TRACE}-${PARENT}-01`,
    `ff-${TRACE}-${PARENT}-01`,
    `0-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE}-${PARENT}-01-`,
    `cc-${TRACE}-${PARENT}-01.more`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE.slice(1)}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-1`,
    `00-${TRACE}-${PARENT}-zz`,
    ` 00-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01\n`,
    // Node joins repeated headers.
    `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`,
  ])('ignores %j', (sent) => {
    expect(traceparentOf({ headers: { traceparent: sent } })).toBeUndefined();
  });

  it('has none without the header', () => {
    expect(traceparentOf({ headers: {} })).toBeUndefined();
  });
});
