import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVERY_ENTRY } from '../../../../src/domain/filter/filter.ts';
import { formatFilter } from '../../../../src/domain/filter/format-filter.ts';
import { parseFilter } from '../../../../src/domain/filter/parse-filter.ts';
import { splitDump } from '../../../../src/kernel/dump/split-dump.ts';
import { compileFilter } from '../../../../src/kernel/entries/matcher.ts';
import { arbitraryEntry, NOW_MILLISECONDS, viewOf } from '../../domain/filter/arbitrary-entry.ts';
import { arbitraryRawFilter } from '../../domain/filter/arbitrary-filter.ts';

describe('the parts of a dump', () => {
  it.each([
    ['all', false, ['nat=source', 'nat!=source']],
    ['timeout<60', false, ['timeout<60 and nat=source', 'timeout<60 and nat!=source']],
    ['protocol=tcp', true, ['protocol=tcp and family=ipv4', 'protocol=tcp and family=ipv6']],
    ['protocol=tcp and dport=443', true, ['protocol=tcp and dport=443 and family=ipv4', 'protocol=tcp and dport=443 and family=ipv6']],
    ['source=10.0.0.1', true, ['source=10.0.0.1']],
    ['family=ipv6', true, ['family=ipv6']],
    ['mark=1', true, ['mark=1']],
    ['nat=destination', true, ['nat=destination']],
  ])('of %s, with two workers', (filter, isPrefiltered, parts) => {
    const split = splitDump(parseFilter(filter), 2);
    expect(split.parts.map(formatFilter)).toEqual(parts.map((part) => formatFilter(parseFilter(part))));
    expect(split.isPrefiltered).toBe(isPrefiltered);
  });

  it('are one if there is one worker and the kernel cannot filter', () => {
    expect(splitDump(EVERY_ENTRY, 1)).toEqual({ parts: [EVERY_ENTRY], isPrefiltered: false });
  });

  it('select each matching entry exactly once, and no other entry', () => {
    const workers = fc.integer({ min: 1, max: 2 });
    fc.assert(
      fc.property(arbitraryRawFilter, workers, fc.array(arbitraryEntry, { minLength: 10, maxLength: 10 }), (filter, count, entries) => {
        const matches = [filter, ...splitDump(filter, count).parts].map((part) => compileFilter(part, () => NOW_MILLISECONDS));
        for (const entry of entries) {
          const [isWanted, ...inParts] = matches.map((isMatch) => isMatch(viewOf(entry)));
          expect(inParts.filter(Boolean)).toHaveLength(isWanted === true ? 1 : 0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
