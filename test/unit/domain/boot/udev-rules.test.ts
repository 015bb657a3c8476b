import { describe, expect, it } from 'vitest';
import { boot } from './boot-of.ts';

const ON_LOAD = 'ACTION=="add", SUBSYSTEM=="module", KERNEL=="nf_conntrack"';
const run = (value: number): string => `RUN+="/sbin/sysctl -w net.netfilter.nf_conntrack_udp_timeout=${value}"`;

/** The value of udp_timeout if the module is loaded late and only this file with rules sets anything. */
function udpTimeout(...lines: readonly string[]): number | string {
  const { value, origin } = boot({ '/etc/udev/rules.d/50-site.rules': `${lines.join('\n')}\n` }).of('udp_timeout');
  return value ?? origin;
}

/** Each is the result of udevadm test 252 with the same rules. */
describe('a udev rule', () => {
  it.each([
    ['with one equals sign in place of two is ignored', [`ACTION="add", SUBSYSTEM=="module", ${run(41)}`], 'kernel-default'],
    ['with an unknown key is ignored', [`${ON_LOAD}, MODULE=="nf_conntrack", ${run(41)}`], 'kernel-default'],
    ['with RUN== is ignored', [`${ON_LOAD}, ${run(41).replace('+=', '==')}`], 'kernel-default'],
    ['with a quote that does not end is ignored', [`${ON_LOAD}, ${run(41)}, KERNEL=="x`], 'kernel-default'],
    ['without commas applies', [`ACTION=="add" SUBSYSTEM=="module" ${run(41)}`], 41],
    ['whose continuation meets the end of the file is ignored', [`${ON_LOAD}, \\`, `  ${run(41)}\\`], 'kernel-default'],
    ['continues behind a comment', [`${ON_LOAD}, \\`, '# the value', `  ${run(41)}`], 41],
    ['replaces the commands so far with RUN=', [`${ON_LOAD}, ${run(41)}`, `${ON_LOAD}, RUN="/bin/true"`], 'kernel-default'],
    ['is the last with RUN:=', [`${ON_LOAD}, ${run(41).replace('+=', ':=')}`, `${ON_LOAD}, ${run(42)}`], 41],
    ['may be kept out by a RUN:= with an unknown condition', ['ENV{X}!="1", RUN:="/bin/true"', `${ON_LOAD}, ${run(41)}`], 'unknown'],
    [
      'may echo what is no number, which is refused',
      [`${ON_LOAD}, RUN+="/bin/sh -c 'echo -x > /proc/sys/net/netfilter/nf_conntrack_udp_timeout'"`],
      'kernel-default',
    ],
    ['with a GOTO to no label goes on', [`${ON_LOAD}, GOTO="nowhere"`, `${ON_LOAD}, ${run(41)}`], 41],
    ['is skipped by a GOTO', [`${ON_LOAD}, GOTO="end"`, `${ON_LOAD}, ${run(41).replace('add', 'x')}`, 'LABEL="end"'], 'unknown'],
    ['may be skipped by a GOTO with an unknown condition', ['ENV{X}=="1", GOTO="end"', `${ON_LOAD}, ${run(41)}`, 'LABEL="end"'], 'unknown'],
    ['matches KERNELS and SUBSYSTEMS too', [`ACTION=="add", SUBSYSTEMS=="module", KERNELS=="nf_*", ${run(41)}`], 41],
    ['may use the name of the module', [`${ON_LOAD}, RUN+="/sbin/sysctl -w net.netfilter.%k_udp_timeout=41"`], 41],
    ['may use a variable that is not known', [`${ON_LOAD}, SYSCTL{net.netfilter.nf_conntrack_udp_timeout}="$env{X}"`], 'unknown'],
    ['assigns a sysctl with += too', [`${ON_LOAD}, SYSCTL{net.netfilter.nf_conntrack_udp_timeout}+="41"`], 41],
    ['compares a sysctl with ==', [`${ON_LOAD}, SYSCTL{net.netfilter.nf_conntrack_udp_timeout}=="41"`], 'kernel-default'],
  ])('%s', (_, lines, value) => {
    expect(udpTimeout(...lines)).toBe(value);
  });

  it('for other devices between a GOTO and its label may set the value at any time', () => {
    expect(udpTimeout('SUBSYSTEM!="net", GOTO="end"', run(41), 'LABEL="end"')).toBe('unknown');
  });
});

describe('a udev rule that udev ignores', () => {
  const findingsOf = (text: string): readonly string[] =>
    boot({ '/etc/udev/rules.d/50-site.rules': text }).findings.map(({ code, message }) => `${code} ${message}`);

  it.each(['ACTION="add", SUBSYSTEM=="module"', `${ON_LOAD}, MODULE=="nf_conntrack"`, 'ACTION==add'])('is reported: %s', (matches) => {
    expect(findingsOf(`# tuning\n${matches}, ${run(41)}\n`)).toEqual([
      'LINE_NOT_UNDERSTOOD /etc/udev/rules.d/50-site.rules:2: udev ignores the rule because of a mistake in it.',
    ]);
  });

  it('is not reported if it is right, a comment, or about something else', () => {
    expect(findingsOf(`${ON_LOAD}, ${run(41)}\n# ACTION="add", ${run(42)}\nACTION="add", RUN+="/bin/true"\n`)).toEqual([]);
  });
});
