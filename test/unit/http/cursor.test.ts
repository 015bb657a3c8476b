import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../src/http/input/cursor.ts';

const FILTER = { protocol: 'tcp', source: { family: 'ipv4', address: '10.0.0.0', prefixLength: 8 } };
const asCursor = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url');

describe('a cursor', () => {
  it('decodes to its position for the same filter, whatever the order of its fields', () => {
    const cursor = encodeCursor('ipv4-6-0', FILTER);
    expect(decodeCursor(cursor, { source: FILTER.source, protocol: 'tcp' }, 'string')).toBe('ipv4-6-0');
    expect(decodeCursor(encodeCursor(42, {}), {}, 'number')).toBe(42);
  });

  it('is refused with another filter', () => {
    const cursor = encodeCursor('ipv4-6-0', FILTER);
    expect(() => decodeCursor(cursor, { ...FILTER, protocol: 'udp' }, 'string')).toThrow('other filters');
    expect(() => decodeCursor(cursor, {}, 'string')).toThrow('other filters');
  });

  it.each([
    ['empty', ''],
    ['not base64url', '%%%'],
    ['not JSON', Buffer.from('nonsense').toString('base64url')],
    ['not a list', asCursor({ 2: 'x' })],
    ['null', asCursor(null)],
    ['of another version', asCursor([2, 'x', 'y'])],
    ['padded', `${encodeCursor('a', {})}=`],
    ['followed by something', `${encodeCursor('a', {})}AA`],
    ['of the wrong type', encodeCursor(7, {})],
  ])('is refused if it is %s', (_what, cursor) => {
    expect(() => decodeCursor(cursor, {}, 'string')).toThrow('another list or to other filters');
  });
});
