import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, LINE_MAX_BYTES, readLines, type ReadBlock } from '../../../src/kernel/procfs/dump-lines.ts';

/** Returns a text in blocks of at most `size` bytes, as the kernel does, then the end or an error. */
function inBlocks(text: string, size: number, end: 0 | -1 = 0): ReadBlock {
  const bytes = Buffer.from(text);
  let at = 0;
  return (buffer, offset, length) => {
    if (at === bytes.length) return end;
    const copied = bytes.copy(buffer, offset, at, at + Math.min(size, length));
    at += copied;
    return copied;
  };
}

const linesOf = (text: string, size = 4_096, end: 0 | -1 = 0): (string | undefined)[] => [...readLines(inBlocks(text, size, end))];

/** One character for each octet of the UTF-8 text. */
function octetsOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

describe('the lines of a dump', () => {
  it('do not depend on how the text is split, even within a character', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n') });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (whole, size) => {
        expect(linesOf(whole, size)).toEqual(octetsOf(whole).split('\n').filter(Boolean));
      }),
    );
  });

  it('include an unterminated last line', () => {
    expect(linesOf('a\nb')).toEqual(['a', 'b']);
  });

  it('do not include a partial line before a read error, because it can look complete', () => {
    expect(linesOf('a\nb', 4_096, -1)).toEqual(['a']);
  });

  it.each([4_096, LINE_MAX_BYTES + 1, BLOCK_BYTES])('report a line that is too long once, in blocks of %i bytes', (size) => {
    const long = 'x'.repeat(3 * BLOCK_BYTES);
    expect(linesOf(`a\n${long}\nb\n${long}`, size)).toEqual(['a', undefined, 'b', undefined]);
  });

  it('may be as long as the limit', () => {
    const longest = 'x'.repeat(LINE_MAX_BYTES);
    expect(linesOf(`${longest}\n${longest}x\nb\n`)).toEqual([longest, undefined, 'b']);
  });
});
