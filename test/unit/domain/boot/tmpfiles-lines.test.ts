import { describe, expect, it } from 'vitest';
import { boot, type Boot } from './boot-of.ts';

const FILE = '/proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const LOOSE = '/proc/sys/net/netfilter/nf_conntrack_acct';

function bootOf(...texts: readonly string[]): Boot {
  const writers = texts.map((text, index) => ({
    program: 'tmpfiles' as const,
    order: 'unordered' as const,
    file: { path: `/etc/tmpfiles.d/${9 - index}.conf`, content: { kind: 'text' as const, text } },
  }));
  return boot({}, { builtIn: true }, { writers });
}

/** The value of udp_timeout if connection tracking is built in and only these files of tmpfiles.d set anything. */
function udpTimeout(...texts: readonly string[]): number | string {
  const { value, origin } = bootOf(...texts).of('udp_timeout');
  return value ?? origin;
}

/** Each is the result of systemd-tmpfiles 252 with the same lines. */
describe('lines of tmpfiles.d', () => {
  it.each([
    ['the first of two lines for a file wins', `w ${FILE} - - - - 41\nw ${FILE} - - - - 42\n`, 41],
    ['the last of two lines with a plus wins', `w+ ${FILE} - - - - 41\nw+ ${FILE} - - - - 42\n`, 42],
    ['a line with a plus does not follow one without', `w ${FILE} - - - - 41\nw+ ${FILE} - - - - 42\n`, 41],
    ['a line with a pattern is another path', `w ${FILE.replace('timeout', '*')} - - - - 41\nw ${FILE} - - - - 42\n`, 42],
    ['lines of a path are done together', `w+ ${FILE} - - - - 41\nw ${FILE}* - - - - 42\nw+ ${FILE} - - - - 43\n`, 42],
    ['a refused value still claims the path', `w ${FILE} - - - - '41'\nw ${FILE} - - - - 42\n`, 'kernel-default'],
    ['a line of type x claims the path', `x ${FILE} - - - -\nw ${FILE} - - - - 42\n`, 'kernel-default'],
    ['a line of type z decides when lines of its path are done', `z ${FILE} - - - -\nw ${FILE}* - - - - 41\nw ${FILE} - - - - 42\n`, 41],
    ['f+ does not write to a pattern', `f+ ${FILE.replace('udp', '*')} - - - - 42\n`, 'kernel-default'],
    ['a dash with a blank is no argument', `w ${FILE} - - - - - \nw+ ${FILE} - - - - 42\n`, 42],
    ['f+ writes too, and before all w', `w ${FILE} - - - - 41\nf+ ${FILE} - - - - 42\n`, 41],
    ['of two f+ with other values, the first wins', `f+ ${FILE} - - - - 41\nf+ ${FILE} 0644 root root - 42\n`, 41],
    ['F+ does not follow f+', `f+ ${FILE} - - - - 41\nF+ ${FILE} - - - - 42\n`, 41],
    ['F is f+', `F ${FILE} - - - - 42\n`, 42],
    ['f does not write to a file that exists', `f ${FILE} - - - - 42\n`, 'kernel-default'],
    ['the path may be in quotes', `w "${FILE}" - - - - 41\n`, 41],
    ['the argument may not', `w ${FILE} - - - - "41"\n`, 'kernel-default'],
    ['fields between may be short', `w ${FILE} - - - 41\n`, 'kernel-default'],
    ['braces are alternatives', `w ${FILE.replace('udp', '{icmp,udp}')} - - - - 41\n`, 41],
    ['a slash too many does not matter', `w ${FILE.replace('/net/', '//net/./')} - - - - 41\n`, 41],
    ['two dots are refused', `w ${FILE.replace('/netfilter', '/x/../netfilter')} - - - - 41\n`, 'kernel-default'],
    ['a mode that is not one makes the line invalid', `w ${FILE} 0999 - - - 41\n`, 'kernel-default'],
    ['base64 is decoded', `w~ ${FILE} - - - - NDE=\n`, 41],
    ['base64 without padding is refused', `w~ ${FILE} - - - - NDE\n`, 'kernel-default'],
    ['escapes are replaced in the argument', `w ${FILE} - - - - 4\\x31\n`, 41],
    ['an unknown escape makes the line invalid', `w ${FILE} - - - - 41\\q\n`, 'kernel-default'],
    ['a specifier is not known here', `w ${FILE} - - - - %m\n`, 'unknown'],
    ['a modifier twice makes the line invalid', `w!! ${FILE} - - - - 41\n`, 'kernel-default'],
    ['a semicolon is no comment', `; w ${LOOSE} - - - - 1\nw ${FILE} - - - - 41\n`, 41],
  ])('%s', (_, text, value) => {
    expect(udpTimeout(text)).toBe(value);
  });

  it('are read in the order of the names of their files', () => {
    expect(udpTimeout(`w ${FILE} - - - - 41\n`, `w ${FILE} - - - - 42\n`)).toBe(42);
  });
});

describe('a line of tmpfiles.d that writes nothing', () => {
  const ignored = (text: string): readonly string[] =>
    bootOf(text)
      .findings.filter(({ code }) => code === 'LINE_NOT_UNDERSTOOD')
      .map(({ message }) => message);

  it('because its fields are missing is reported', () => {
    expect(ignored(`w ${FILE} 41\n`)).toEqual(['/etc/tmpfiles.d/9.conf:1: systemd-tmpfiles ignores the line because of a mistake in it.']);
  });

  it('because an earlier line is about the same file is reported with that line', () => {
    expect(ignored(`w ${FILE} - - - - 41\n\nw ${FILE} - - - - 42\n`)).toEqual([
      '/etc/tmpfiles.d/9.conf:3: systemd-tmpfiles ignores the line because /etc/tmpfiles.d/9.conf:1 is about the same file.',
    ]);
  });

  it('is not reported if it repeats the value, is a comment, or is about something else', () => {
    expect(ignored(`w ${FILE} - - - - 41\nw ${FILE} - - - - 41\n# w ${FILE} 42\nw /sys/x 1\n`)).toEqual([]);
  });
});
