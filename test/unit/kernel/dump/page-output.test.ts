import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PageOutput } from '../../../../src/kernel/dump/page-output.ts';
import { entryId } from '../../../../src/kernel/entries/entry-id.ts';
import { fillView } from '../../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../../src/kernel/entries/entry-view.ts';
import { entryFrom } from './entry-stand-ins.ts';

const view = new EntryView();

function idFrom(port: number): string {
  fillView(entryFrom(port), view);
  return entryId(view);
}

describe('a page', () => {
  it('holds the smallest ids after the cursor, each once, whatever the order of the table', () => {
    const port = fc.integer({ min: 10, max: 60 });
    fc.assert(
      fc.property(fc.array(port), fc.integer({ min: 1, max: 12 }), fc.option(port), (ports, limit, afterPort) => {
        const after = afterPort === null ? '' : idFrom(afterPort);
        const output = new PageOutput(limit, after);
        for (const one of ports) {
          fillView(entryFrom(one), view);
          expect(output.take(view)).toBe(true);
        }
        const sorted = [...new Set(ports.map(idFrom))].filter((id) => id > after).sort();
        const page = output.finish().page;
        expect(page?.entries.map(({ id }) => id)).toEqual(sorted.slice(0, limit));
        expect(page?.next).toBe(sorted.length > limit ? sorted[limit - 1] : undefined);
        expect(output.entries).toBe(page?.entries.length);
      }),
    );
  });
});
