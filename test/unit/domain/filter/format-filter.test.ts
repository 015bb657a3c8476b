import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOf, anyOf, notOf } from '../../../../src/domain/filter/common-filter.ts';
import { EVERY_ENTRY, type Filter } from '../../../../src/domain/filter/filter.ts';
import { formatFilter } from '../../../../src/domain/filter/format-filter.ts';
import { parseFilter } from '../../../../src/domain/filter/parse-filter.ts';
import { compileFilter } from '../../../../src/kernel/entries/matcher.ts';
import { arbitraryEntry, NOW_MILLISECONDS, viewOf } from './arbitrary-entry.ts';
import { arbitraryFilter, arbitraryRawFilter } from './arbitrary-filter.ts';

describe('a filter as text', () => {
  it.each([
    ['proto=6,200 and src=10.1.2.3/8', 'protocol=tcp,200 and source=10.0.0.0/8'],
    ['((sport=80 or dport=80)) and status=ASSURED', '(sourcePort=80 or destinationPort=80) and status=ASSURED'],
    ['not status!=assured', 'status=ASSURED'],
    ['not (nat=source,destination)', 'nat!=source,destination'],
    ['not (port=1 and port=2)', 'not (port=1 and port=2)'],
    ['status=ASSURED,DYING or port=1', 'status=ASSURED or status=DYING or port=1'],
    ['bytes>9 and timeout<=60 and not port>=1024', 'bytes>=10 and timeout=0-60 and port!=1024-65535'],
    ['mark=16,0x1/3', 'mark=0x10,0x1/0x3'],
    ['source=0:0::1/128,::/0', 'source=::1,::/0'],
    ['not all or all', 'not all or all'],
  ])('writes %s as %s', (text, written) => {
    expect(formatFilter(parseFilter(text))).toBe(written);
  });

  it('parses back to an equal filter', () => {
    fc.assert(
      fc.property(arbitraryFilter, (filter) => {
        expect(parseFilter(formatFilter(filter))).toEqual(filter);
      }),
      { numRuns: 3_000 },
    );
  });

  it('parses back to a filter that selects the same, however the filter was made', () => {
    fc.assert(
      fc.property(arbitraryRawFilter, fc.array(arbitraryEntry, { minLength: 5, maxLength: 5 }), (filter, entries) => {
        const views = entries.map(viewOf);
        const now = (): number => NOW_MILLISECONDS;
        expect(views.map(compileFilter(parseFilter(formatFilter(filter)), now))).toEqual(views.map(compileFilter(filter, now)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('joined filters', () => {
  const [a, b, c] = [parseFilter('port=1'), parseFilter('port=2'), parseFilter('port=3')];

  it.each<[string, Filter, Filter]>([
    ['all of nothing is every entry', allOf(), EVERY_ENTRY],
    ['what is not given does not count', allOf(undefined, a, undefined), a],
    ['every entry adds nothing', allOf(EVERY_ENTRY, a), a],
    ['all of all are opened', allOf(allOf(a, b), c), { kind: 'all', of: [a, b, c] }],
    ['alternatives stay together', allOf(anyOf(a, b), c), { kind: 'all', of: [{ kind: 'any', of: [a, b] }, c] }],
    ['any of nothing is no entry', anyOf(), notOf(EVERY_ENTRY)],
    ['any of any are opened', anyOf(anyOf(a, b), c), { kind: 'any', of: [a, b, c] }],
    ['not of not is the filter', notOf(notOf(a)), a],
  ])('%s', (_, joined, expected) => {
    expect(joined).toEqual(expected);
  });
});
