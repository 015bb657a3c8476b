import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setInSysctlConf, sysctlConfValues } from '../../../src/boot-files/sysctl-conf.ts';

const KEY = 'net.ipv4.netfilter.ip_conntrack_max';

describe('the values in /etc/sysctl.conf', () => {
  it.each([
    [`${KEY} = 65536`],
    [`${KEY}=65536`],
    [`  - ${KEY}\t=\t65536  `],
    ['net/ipv4/netfilter/ip_conntrack_max = 65536'],
    ['net.ipv4.ip_conntrack_max = 65536'],
    ['net/ipv4/ip_conntrack_max=65536\r'],
    [`${KEY} = 0x10000`],
    [`${KEY} = 65536 # for the sale`],
  ])('understands %j', (line) => {
    expect(sysctlConfValues(`# head\n${line}\n`)).toEqual({ max: 65536 });
  });

  it.each([
    [`# ${KEY} = 65536`],
    [`;${KEY} = 65536`],
    [`${KEY} =`],
    [`${KEY} 65536`],
    [`${KEY}: 65536`],
    [`x${KEY} = 65536`],
    ['net/ipv4.netfilter.ip_conntrack_max = 65536'],
    ['net.ipv4.netfilter.ip_conntrack_buckets = 65536'],
    [`\u00a0${KEY} = 65536`],
  ])('takes %j for no assignment', (line) => {
    expect(sysctlConfValues(`${line}\n`)).toEqual({});
  });

  it('are those of the last line, including the alias of max', () => {
    const text = `${KEY} = 1\nnet.ipv4.netfilter.ip_conntrack_udp_timeout = 30\nnet.ipv4.ip_conntrack_max = 2\n`;
    expect(sysctlConfValues(text)).toEqual({ max: 2, udp_timeout: 30 });
  });

  it('are unset if the last line is not an integer, which the kernel rejects', () => {
    expect(sysctlConfValues(`${KEY} = 1\n${KEY} = 64k\n`)).toEqual({});
  });
});

describe('setting a value in /etc/sysctl.conf', () => {
  it('creates the text with only the line', () => {
    expect(setInSysctlConf(null, 'max', 5)).toBe(`${KEY} = 5\n`);
  });

  it('leaves a line that already sets the value, in any notation', () => {
    const text = `${KEY}=0x20`;
    expect(setInSysctlConf(text, 'max', 32)).toBe(text);
  });

  it('edits the alias if that is the effective line', () => {
    const text = `${KEY} = 1\nnet.ipv4.ip_conntrack_max=2`;
    expect(setInSysctlConf(text, 'max', 3)).toBe(`${KEY} = 1\nnet.ipv4.ip_conntrack_max=3`);
  });

  it('completes a last line without line ending, and adds the new one without one', () => {
    expect(setInSysctlConf('a = 1\r\nb = 2', 'max', 3)).toBe(`a = 1\r\nb = 2\r\n${KEY} = 3`);
  });

  it('changes the value of the effective line and no other byte', () => {
    fc.assert(
      fc.property(fc.array(anyLine), anyLineEnd, fc.boolean(), anyValue, (lines, lineEnd, finished, value) => {
        const text = compose(lines, lineEnd, finished);
        const edited = setInSysctlConf(text, 'max', Number(value));
        const effective = lines.findLastIndex((line) => line.value !== undefined);
        const expected = lines.map((line, index) => (index === effective ? { ...line, value } : line));
        if (effective === -1) expect(edited.startsWith(text)).toBe(true);
        else expect(edited).toBe(compose(expected, lineEnd, finished));
        expect(sysctlConfValues(edited)['max']).toBe(Number(value));
        expect(setInSysctlConf(edited, 'max', Number(value))).toBe(edited);
      }),
    );
  });
});

interface Line {
  readonly before: string;
  /** Undefined if the line does not set max. */
  readonly value?: string;
  readonly after: string;
}

const latin1 = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)) });
const plainText = latin1.map((text) => text.replace(/[\r\n=]/g, ''));
const anyValue = fc.integer({ min: 1, max: 2_147_483_647 }).map(String);
const anyLineEnd = fc.constantFrom('\n', '\r\n');
const assignment = fc.record({
  before: fc
    .tuple(
      fc.constantFrom('', ' ', '\t', '-', ' - '),
      fc.constantFrom(KEY, KEY.replaceAll('.', '/'), 'net.ipv4.ip_conntrack_max', 'net/ipv4/ip_conntrack_max'),
      fc.constantFrom('=', ' = ', '\t=', ' =  '),
    )
    .map((parts) => parts.join('')),
  value: anyValue,
  after: fc.constantFrom('', ' ', '\t ', ' # raised \xe9t\xe9 2009'),
});
const other = fc
  .oneof(
    plainText,
    plainText.map((text) => `#${KEY} = 1 ${text}`),
    plainText.map((text) => `net.ipv4.ip_forward = ${text}`),
    plainText.map((text) => `;net.ipv4.ip_conntrack_max = 1 ${text}`),
  )
  .map((before) => ({ before, after: '' }));
const anyLine: fc.Arbitrary<Line> = fc.oneof(assignment, other);

function compose(lines: readonly Line[], lineEnd: string, finished: boolean): string {
  const text = lines.map(({ before, value = '', after }) => before + value + after).join(lineEnd);
  return finished && lines.length > 0 ? text + lineEnd : text;
}

describe('max on a kernel that has it only under its second name', () => {
  const ALIAS = 'net.ipv4.ip_conntrack_max';

  it.each([
    ['', `${ALIAS} = 9\n`],
    [`${ALIAS} = 5\n`, `${ALIAS} = 9\n`],
    [`${KEY} = 5\n`, `${KEY} = 5\n${ALIAS} = 9\n`],
    [`${ALIAS} = 5\n${KEY} = 9\n`, `${ALIAS} = 5\n${KEY} = 9\n${ALIAS} = 9\n`],
  ])('is set by a line that this kernel accepts: %j', (before, after) => {
    expect(setInSysctlConf(before, 'max', 9, true)).toBe(after);
    expect(sysctlConfValues(after)).toEqual({ max: 9 });
  });
});
