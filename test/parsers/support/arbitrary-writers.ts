import fc from 'fast-check';
import type { Tree } from './arbitrary-tree.ts';

/** Each network namespace has its own value of these, at the kernel's default when it starts. */
export const OWN_SETTINGS = ['udp_timeout', 'udp_timeout_stream', 'icmp_timeout', 'generic_timeout', 'tcp_loose', 'acct'];

const oneOf = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const often = <T>(...weighted: readonly (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> => fc.tuple(...parts).map((texts) => texts.join(''));

const PARENTS = ['/etc', '/run', '/usr/local/lib', '/usr/lib'];
const name = often([8, oneOf('10-a', '20-b', '50-c', '99-z', 'B', '_')], [1, oneOf('.hidden', 'a b')]);

function files(directory: string, suffix: string, line: fc.Arbitrary<string>): fc.Arbitrary<Tree> {
  const path = fc
    .tuple(fc.constantFrom(...PARENTS), name, often([9, fc.constant(suffix)], [1, oneOf('.txt', '.conf~', '')]))
    .map(([parent, base, end]) => `${parent}/${directory}/${base}${end}`);
  const end = often([9, fc.constant('\n')], [1, oneOf('\n\n', '\r\n', '\\\n', '\n# comment\n', ' \n')]);
  const text = fc.array(joined(line, end), { maxLength: 6 }).map((lines) => lines.join(''));
  const entry = often<Tree[string]>(
    [10, text.map((content) => ({ text: content }))],
    [1, oneOf('/dev/null', 'nothing', `10-a${suffix}`).map((leadsTo) => ({ leadsTo }))],
  );
  return fc.array(fc.tuple(path, entry), { minLength: 1, maxLength: 4 }).map((entries) => Object.fromEntries(entries));
}

const setting = often([8, fc.constantFrom(...OWN_SETTINGS.slice(0, 3))], [2, fc.constantFrom(...OWN_SETTINGS)]);
const number = often([8, oneOf('41', '42', '43', '1', '0')], [1, oneOf('0x2a', '052', '-1', '99999999999', '')]);

const type = often(
  [8, oneOf('w', 'w', 'w+')],
  [3, oneOf('w!', 'w-', 'w+!', 'w!+', 'w=', 'w-!+', 'w~', 'wx', 'w++')],
  [2, oneOf('f', 'f+', 'F', 'L', 'L+', 'z', 'd', 'r', '#w', 'x', 'W', 'h', 'C')],
);
const tmpfilesPath = often(
  [8, setting.map((each) => `/proc/sys/net/netfilter/nf_conntrack_${each}`)],
  [
    3,
    oneOf(
      '/proc/sys/net/netfilter/nf_conntrack_udp*',
      '/proc/sys/net/netfilter/nf_conntrack_*_timeout',
      '/proc/sys/net/*/nf_conntrack_ac?t',
      '/proc/sys/net/netfilter/nf_conntrack_{udp,icmp}_timeout',
      '/proc/sys/net/netfilter/nf_conntrack_[iu]*p_timeout',
    ),
  ],
  [
    2,
    oneOf(
      '/proc/sys//net/netfilter/nf_conntrack_udp_timeout',
      '/proc/sys/net/./netfilter/nf_conntrack_udp_timeout',
      '/proc/sys/net/netfilter/../netfilter/nf_conntrack_udp_timeout',
      '"/proc/sys/net/netfilter/nf_conntrack_udp_timeout"',
      "'/proc/sys/net/netfilter/nf_conntrack_udp_timeout'",
      '/proc/sys/net/netfilter/nf_conntrack_udp\\x5ftimeout',
      '/proc/sys/net/netfilter/nf_conntrack_udp_timeout/',
      'proc/sys/net/netfilter/nf_conntrack_udp_timeout',
      '/proc/sys/net/netfilter/nf_conntrack_nothing',
      '/run/x%%y',
    ),
  ],
);
const argument = often(
  [8, number],
  [2, oneOf('"44"', '44\\n', '44 ', '44 # c', '44\\x30', '45%%', '-', '44\\t', ' 46', "'44'", 'NDQ=', '4\\\\4', '44 55', '4\\q')],
);
const gap = often([8, fc.constant(' ')], [1, oneOf('\t', '   ')]);
const fields = often(
  [8, oneOf('- - - -', '- - - -', '0644 root root -')],
  [2, oneOf('- - -', '- - - - ', '"-" - - -', '- - - 10d', '0999 - - -', '~0644 - - -', '- 0 0 -', '- - - 1x')],
);
const tmpfilesLine = often(
  [12, joined(often([9, fc.constant('')], [1, oneOf(' ', '\t')]), type, gap, tmpfilesPath, gap, fields, gap, argument)],
  [1, joined(type, gap, tmpfilesPath)],
  [1, oneOf('# comment', '; no comment', '', '"', 'w "/proc', 'd /run/x 0755 root root -')],
);

/** Files of tmpfiles.d. */
export const tmpfilesTree: fc.Arbitrary<Tree> = files('tmpfiles.d', '.conf', tmpfilesLine);

const comparison = oneOf('==', '==', '==', '!=');
const match = often(
  [4, joined(oneOf('ACTION'), comparison, oneOf('"add"', '"add"', '"add|change"', '"remove"', '"?dd"', '"change"', '"ADD"', 'e"add"'))],
  [4, joined(oneOf('SUBSYSTEM'), comparison, oneOf('"module"', '"module"', '"net"', '"mod*"', '"net|module"'))],
  [
    4,
    joined(
      oneOf('KERNEL'),
      comparison,
      oneOf('"nf_conntrack"', '"nf_conntrack"', '"nf_*"', '"nf_nat"', '"nf_conntrack|nf_nat"', '"nf_conntrac[j-l]"', '""'),
    ),
  ],
  [1, joined(oneOf('DEVPATH'), comparison, oneOf('"/module/nf_conntrack"', '"/module/*"', '"/devices/*"'))],
  [
    1,
    oneOf(
      'ENV{SEQNUM}=="?*"',
      'TEST=="/proc/sys/net"',
      'ATTR{initstate}=="live"',
      'DRIVER==""',
      'KERNELS=="nf_conntrack"',
      'ENV{UNSET}!="1"',
    ),
  ],
  [
    1,
    oneOf(
      'ACTION="add"',
      'KERNEL="nf_conntrack"',
      'SUBSYSTEM="module"',
      'ACTION+="add"',
      'FOO=="1"',
      'ACTION=="add',
      'ACTION==add',
      'action=="add"',
    ),
  ],
);
const assignedKey = joined(oneOf('net.netfilter.nf_conntrack_', 'net/netfilter/nf_conntrack_'), setting);
const assign = oneOf('=', '=', '=', '=', ':=', '+=', '==', '-=');
const add = oneOf('+=', '+=', '+=', '+=', '=', ':=', '==');
const action = often(
  [3, joined(oneOf('SYSCTL{'), assignedKey, oneOf('}'), assign, oneOf('"'), number, oneOf('"'))],
  [1, joined(oneOf('ATTR{parameters/hashsize}'), assign, oneOf('"16384"', '"20480"'))],
  [
    6,
    joined(
      oneOf('RUN', 'RUN', 'RUN', 'RUN{program}', 'RUN{builtin}', 'RUN{other}'),
      add,
      oneOf('"'),
      often(
        [6, joined(oneOf('/sbin/sysctl -w ', '/usr/sbin/sysctl -q ', '/sbin/sysctl '), assignedKey, oneOf('='), number)],
        [2, joined(oneOf("/bin/sh -c 'echo "), number, oneOf(' > /proc/sys/net/netfilter/nf_conntrack_'), setting, oneOf("'"))],
        [
          2,
          oneOf(
            '/bin/true',
            '',
            'kmod load x',
            '/sbin/sysctl -w net.netfilter.%k_max=9',
            '/sbin/sysctl -w net.netfilter.nf_conntrack_max=%%',
          ),
        ],
      ),
      oneOf('"'),
    ),
  ],
  [
    2,
    oneOf(
      'GOTO="end"',
      'GOTO="end"',
      'GOTO="nowhere"',
      'LABEL="end"',
      'LABEL="end"',
      'GOTO=="end"',
      'OPTIONS+="nowatch"',
      'ENV{X}="1"',
      'TAG+="x"',
      'junk',
    ),
  ],
);
const between = oneOf(', ', ', ', ', ', ',', ' ', ',\\\n  ', ' ,');
const rule = fc
  .tuple(fc.array(match, { maxLength: 3 }), fc.array(action, { minLength: 1, maxLength: 3 }), between)
  .map(([matches, actions, gapBetween]) => [...matches, ...actions].join(gapBetween));
const ruleLine = often(
  [12, rule],
  [1, oneOf('# comment', '  # comment', 'LABEL="end"', '', ',', 'ACTION!="add", GOTO="end"', 'SUBSYSTEM!="module", GOTO="end"')],
);

/** Files with udev rules. */
export const rulesTree: fc.Arbitrary<Tree> = files('udev/rules.d', '.rules', ruleLine);
