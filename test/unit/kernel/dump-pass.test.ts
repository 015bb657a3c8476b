import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/domain/entry.ts';
import { collectPage, formattedChunks, matchingEntries, type Tally } from '../../../src/kernel/procfs/dump-pass.ts';

const LINE = 'udp 17 20 src=10.0.0.7 dst=192.0.2.53 sport=40011 dport=53 src=192.0.2.53 dst=10.0.0.7 sport=53 dport=40011';

const newTally = (): Tally => ({ entries: 0, scanned: 0, unparsedLines: 0 });
const [template] = matchingEntries([LINE], {}, newTally());
const withId = (id: string): Entry => ({ ...(template as Entry), id });

describe('a pass over the table', () => {
  it('counts what it looked at and what it could not understand, and goes on', () => {
    const tally = newTally();
    const found = [
      ...matchingEntries([LINE, 'garbage', undefined, LINE.replace('dport=53 src', 'dport=54 src')], { destinationPort: 54 }, tally),
    ];
    expect(found).toMatchObject([{ original: { destinationPort: 54 } }]);
    expect(tally).toEqual({ entries: 0, scanned: 2, unparsedLines: 2 });
  });

  it('gives chunks that add up to one text, each in a buffer of its own', () => {
    const tally = newTally();
    const chunks = [
      ...formattedChunks(
        Array.from({ length: 1_000 }, (_, n) => withId(String(n))),
        'ndjson',
        tally,
      ),
    ];
    const ids = Buffer.concat(chunks)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Entry).id);
    expect(ids).toEqual(Array.from({ length: 1_000 }, (_, n) => String(n)));
    expect(tally.entries).toBe(1_000);
    expect(chunks.length).toBeGreaterThan(2);
    expect(new Set(chunks.map(({ buffer }) => buffer)).size).toBe(chunks.length);
    expect(Math.max(...chunks.map(({ byteLength }) => byteLength))).toBeLessThan(70_000);
  });
});

describe('a page', () => {
  it('is the smallest ids after the cursor, each once, in any order of the table', () => {
    const id = fc.integer({ min: 10, max: 60 }).map(String);
    fc.assert(
      fc.property(fc.array(id), fc.integer({ min: 1, max: 12 }), fc.oneof(id, fc.constant('')), (ids, limit, after) => {
        const tally = newTally();
        const sorted = [...new Set(ids)].filter((candidate) => candidate > after).sort();
        const page = collectPage(ids.map(withId), limit, after, tally);
        expect(page.entries.map((entry) => entry.id)).toEqual(sorted.slice(0, limit));
        expect(page.next).toBe(sorted.length > limit ? sorted[limit - 1] : undefined);
        expect(tally.entries).toBe(page.entries.length);
      }),
    );
  });
});
