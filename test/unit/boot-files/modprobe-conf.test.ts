import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashsizeInModprobeConf, setHashsizeInModprobeConf } from '../../../src/boot-files/modprobe-conf.ts';

describe('the hashsize in /etc/modprobe.conf', () => {
  it.each([
    ['options ip_conntrack hashsize=8192'],
    ['options ip-conntrack hashsize=8192'],
    ['\toptions  ip_conntrack\thashsize=8192\r'],
    ['options ip_conntrack debug=1 hashsize=8192 other=2'],
    ['options ip_conntrack hashsize=1 hashsize=8192'],
    ['options ip_conntrack hashsize=1\noptions ip_conntrack hashsize=8192'],
    ['options ip_conntrack \\\n  hashsize=8192'],
    ['options ip_conntrack hashsize=81\\\n92'],
    ['options ip_conntrack hash\\size=0x2000'],
    ['# a comment that ends in a pair of backslashes \\\\\noptions ip_conntrack hashsize=8192'],
  ])('understands %j', (text) => {
    expect(hashsizeInModprobeConf(text)).toBe(8192);
  });

  it.each([
    ['# options ip_conntrack hashsize=8192'],
    ['# a comment that continues \\\noptions ip_conntrack hashsize=8192'],
    ['options ip_conntrack_ftp hashsize=8192'],
    ['options nf_conntrack hashsize=8192'],
    ['options ip_conntrack expect_hashsize=8192'],
    ['options ip_conntrack hashsize=64k'],
    ['alias ip_conntrack hashsize=8192'],
  ])('takes %j for no size', (text) => {
    expect(hashsizeInModprobeConf(text)).toBeUndefined();
  });
});

describe('setting the hashsize in /etc/modprobe.conf', () => {
  it.each([
    [null, 'options ip_conntrack hashsize=5\n'],
    ['', 'options ip_conntrack hashsize=5\n'],
    ['alias eth0 e1000', 'alias eth0 e1000\noptions ip_conntrack hashsize=5'],
    ['options ip_conntrack debug=1\r\n', 'options ip_conntrack debug=1\r\noptions ip_conntrack hashsize=5\r\n'],
    ['options ip_conntrack a=1 hashsize=8192 b=2', 'options ip_conntrack a=1 hashsize=5 b=2'],
    ['options ip_conntrack hashsize=64k', 'options ip_conntrack hashsize=5'],
    ['options ip_conntrack hashsize=', 'options ip_conntrack hashsize=5'],
    ['options ip_conntrack \\\n hashsize=81\\\n92 \\\n b=2\n', 'options ip_conntrack \\\n hashsize=5 \\\n b=2\n'],
    ['options ip_conntrack hashsize=0x5\n', 'options ip_conntrack hashsize=0x5\n'],
    ['alias eth0 \\\n', 'alias eth0 \\\n\noptions ip_conntrack hashsize=5\n'],
    ['# \xe9t\xe9 \\', '# \xe9t\xe9 \\\n\noptions ip_conntrack hashsize=5\n'],
  ])('makes of %j %j', (text, expected) => {
    expect(setHashsizeInModprobeConf(text, 5)).toBe(expected);
  });

  it('changes the effective value and no other byte', () => {
    fc.assert(
      fc.property(fc.array(anyLine), anyLineEnd, fc.boolean(), anyBuckets, (lines, lineEnd, finished, value) => {
        const text = compose(lines, lineEnd, finished);
        const edited = setHashsizeInModprobeConf(text, Number(value));
        const effective = lines.findLastIndex((line) => line.value !== undefined);
        const expected = lines.map((line, index) => (index === effective ? { ...line, value } : line));
        if (effective === -1) expect(edited.startsWith(text)).toBe(true);
        else expect(edited).toBe(compose(expected, lineEnd, finished));
        expect(hashsizeInModprobeConf(edited)).toBe(Number(value));
      }),
    );
  });

  it('becomes effective regardless of the rest of the file, and is not changed again', () => {
    const words = ['options', 'ip_conntrack', 'hashsize=', '8', ' ', '\\', '\n', '\r\n', '#', '\xa0'];
    const anything = fc.array(fc.constantFrom(...words)).map((parts) => parts.join(''));
    fc.assert(
      fc.property(anything, (text) => {
        const edited = setHashsizeInModprobeConf(text, 4096);
        expect(hashsizeInModprobeConf(edited)).toBe(4096);
        expect(setHashsizeInModprobeConf(edited, 4096)).toBe(edited);
      }),
      { numRuns: 2000 },
    );
  });
});

interface Line {
  readonly before: string;
  /** Undefined if the line sets no size. */
  readonly value?: string;
  readonly after: string;
}

const latin1 = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)) });
const plainText = latin1.map((text) => text.replace(/[\r\n\\]/g, ''));
const anyBuckets = fc.integer({ min: 1, max: 268_435_455 }).map(String);
const anyLineEnd = fc.constantFrom('\n', '\r\n');
const blank = fc.constantFrom(' ', '\t', ' \\\n  ');
const option = fc.record({
  before: fc
    .tuple(
      fc.constantFrom('options', ' options'),
      blank,
      fc.constantFrom('ip_conntrack', 'ip-conntrack'),
      blank,
      fc.constantFrom('', 'a=1 '),
    )
    .map((parts) => `${parts.join('')}hashsize=`),
  value: anyBuckets,
  after: fc.constantFrom('', ' ', ' b=2', ' \\\n b=2'),
});
const other = fc
  .oneof(
    plainText.map((text) => `#${text}`),
    plainText.map((text) => `#options ip_conntrack hashsize=1 ${text}`),
    plainText.map((text) => `options ip_conntrack_ftp ports=21 \\\n hashsize=1 ${text}`),
    fc.constantFrom('', 'alias eth0 e1000', 'options ip_conntrack debug=1'),
  )
  .map((before) => ({ before, after: '' }));
const anyLine: fc.Arbitrary<Line> = fc.oneof(option, other);

function compose(lines: readonly Line[], lineEnd: string, finished: boolean): string {
  const text = lines.map(({ before, value = '', after }) => before + value + after).join(lineEnd);
  return finished && lines.length > 0 ? text + lineEnd : text;
}
