import fc from 'fast-check';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { aliasLine, installOrBlacklistLine, softdepLine } from './arbitrary-modules.ts';

/** By path: latin1 text, the target of a symbolic link, or a directory. */
export type Tree = Readonly<Record<string, { readonly text: string } | { readonly leadsTo: string } | { readonly directory: true }>>;

export const SETTINGS = ['acct', 'buckets', 'max', 'tcp_timeout_established', 'udp_timeout'];
/** What systemd-sysctl is given as the credential `sysctl.extra`. */
export const CREDENTIAL = '/credentials/sysctl.extra';
const PARENTS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'];

const often = <T>(...weighted: readonly (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const oneOf = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> => fc.tuple(...parts).map((texts) => texts.join(''));

const blanks = often([6, oneOf('', ' ')], [2, oneOf('\t', '  ', '\t ')], [1, oneOf('\v', '\f', '\xa0', '\r')]);
const lineEnd = often([8, oneOf('\n')], [2, oneOf('\r\n')], [1, oneOf('\r', '\n\r', '\0', '\n\n', '\0\n', '\r\r\n')]);
const junk = fc
  .array(oneOf('a', '#', ';', '-', '=', ' ', '\\', '"', '.', '/', '*', '[', ']', '\0', '\xff', '\x80', '\t', 'n'), { maxLength: 8 })
  .map((parts) => parts.join(''));

const number = often([5, oneOf('1', '2', '3', '4', '100', '200')], [2, oneOf('0777', '0x20', '-1', '99999999999', '0')]);
const value = often([8, number], [1, oneOf('', '11 # c', '300 400', '64k', '5\t6', '"7"', 'a=b', '5;', "it's", '08', '1 \\')], [1, junk]);

const setting = fc.constantFrom(...SETTINGS, 'dccp_loose');
const spelled = often<string>(
  [6, setting.map((name) => `net.netfilter.nf_conntrack_${name}`)],
  [3, oneOf('net.nf_conntrack_max', 'net/nf_conntrack_max')],
  [2, setting.map((name) => `net/netfilter/nf_conntrack_${name}`)],
  [1, setting.map((name) => `net.netfilter/nf_conntrack_${name}`)],
  [
    1,
    oneOf(
      '/net/netfilter/nf_conntrack_max',
      'net..netfilter.nf_conntrack_max',
      'net/./netfilter/nf_conntrack_max',
      'net/netfilter//nf_conntrack_max',
    ),
  ],
  [
    2,
    oneOf(
      'net.netfilter.nf_conntrack_*',
      'net.netfilter.nf_conntrack_*timeout*',
      'net/netfilter/nf_conntrack_?ax',
      'net.*.nf_conntrack_max',
      'net.netfilter.nf_conntrack_[am]*',
      'net.netfilter.nf_conntrack_[!m]*',
      'net/n*_max',
    ),
  ],
  [
    2,
    oneOf(
      'net.ipv4.netfilter.ip_conntrack_max',
      'net.ipv4.ip_conntrack_max',
      'net.netfilter.ip_conntrack_udp_timeout',
      '\xef\xbb\xbfnet.netfilter.nf_conntrack_max',
      'sysctl -w net.netfilter.nf_conntrack_max',
      '/proc/sys/net/netfilter/nf_conntrack_max',
      'net.netfilter.NF_CONNTRACK_MAX',
      'net.netfilter.nf_conntrack_max\xc2\xa0',
      '"net.netfilter.nf_conntrack_max"',
      'nf_conntrack_max',
      'net/netfilter.nf_conntrack_max',
    ),
  ],
  [
    1,
    oneOf(
      'kernel.pid_max',
      'net.netfilter.nf_conntrack_{max,acct}*',
      'net.*.nf_conntrack_{max,acct}',
      'net.{core,netfilter}.nf_conntrack_?ax',
      'net.netfilter.nf_conntrack_[max',
      'vm',
    ),
  ],
);

const sysctlLine = often<string>(
  [12, joined(blanks, often([5, oneOf('')], [1, oneOf('-', '- ')]), spelled, blanks, oneOf('='), blanks, value, blanks)],
  [2, joined(blanks, oneOf('-'), spelled, blanks)],
  [1, joined(blanks, oneOf('#', ';', '# ', '#net.netfilter.nf_conntrack_max=5'), junk)],
  [1, joined(spelled, oneOf(': ', ' ', ''), value)],
  [1, junk],
);

const module = often(
  [6, oneOf('nf_conntrack', 'nf-conntrack')],
  [2, oneOf('ip_conntrack', 'nf_conntrack_ipv4', 'nf_nat', 'nf*', 'nf_conn[a-c]rack', 'nf-[a-z]onntrack')],
);
const option = often(
  [6, number.map((size) => `hashsize=${size}`)],
  [2, oneOf('acct=1', 'tstamp=Y', 'hashsize', 'hashsize = 5', 'x="a b"', '"hashsize=7"', 'hashsize="9"', '--')],
  [1, junk],
);
const gap = often([6, oneOf(' ')], [2, oneOf('\t', '  ', ' \t ', ' \\\n ', '\\\n')], [1, oneOf('\v', '\xa0')]);
const verb = often([8, oneOf('options')], [2, oneOf('install', 'blacklist', 'alias', 'softdep', 'remove', 'include', 'Options')]);
const modprobeLine = often<string>(
  [10, joined(often([4, oneOf('')], [1, blanks]), verb, gap, module, gap, option, often([3, oneOf('')], [1, joined(gap, option)]))],
  [6, often([2, aliasLine], [2, softdepLine], [3, installOrBlacklistLine])],
  [1, joined(oneOf('#', ' #', ';'), junk)],
  [1, joined(verb, oneOf('', ' ', '\t'), oneOf('', 'nf_conntrack', 'nf_conntrack '))],
  [1, junk],
);
const modprobeEnd = often([8, oneOf('\n')], [1, oneOf('\r\n', '\\\n', ' \\\n', '\0\n', '\n\n')]);

const textOf = (line: fc.Arbitrary<string>, end: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(joined(line, end), { maxLength: 5 }), oneOf('', '', '\\', 'options nf_conntrack hashsize=3'))
    .map(([lines, last]) => lines.join('') + last);

const fileName = often(
  [8, oneOf('10-a.conf', '20-b.conf', '50-c.conf', '99-sysctl.conf', '99-zz.conf', 'B.conf', '_.conf')],
  [1, oneOf('.hidden.conf', 'notes.txt', 'a.conf.bak', '.conf', 'x.conf~', 'a.alias')],
);
const target = oneOf('/dev/null', '/dev/null', '../sysctl.conf', '/etc/sysctl.conf', 'nothing', '10-a.conf', '/etc/modprobe.conf');

function files(directory: string, text: fc.Arbitrary<string>): fc.Arbitrary<Tree> {
  const path = fc.tuple(fc.constantFrom(...PARENTS), fileName).map(([parent, name]) => `${parent}/${directory}/${name}`);
  const entry = often<Tree[string]>(
    [10, text.map((content) => ({ text: content }))],
    [2, target.map((leadsTo) => ({ leadsTo }))],
    [1, fc.constant({ directory: true as const })],
  );
  return fc.array(fc.tuple(path, entry), { maxLength: 5 }).map((entries) => Object.fromEntries(entries));
}

const word = often(
  [3, oneOf('quiet', 'root=/dev/vda', 'init=/a.b=c', 'x.y', '--')],
  [4, joined(module, oneOf('.'), option)],
  [
    1,
    oneOf(
      '"nf_conntrack.hashsize=8 9"',
      'nf_conntrack.x="a b"',
      'modprobe.blacklist=nf_conntrack,x',
      'modprobe.blacklist=xt_state,nf-nat',
      'a"b c"',
      'nf_conntrack.hashsize="6"',
      'nf_conntrack.a.b=1',
      'nf_conntrack"x.hashsize=1',
    ),
  ],
);
const commandLine = fc
  .tuple(fc.array(word, { maxLength: 4 }), oneOf(' ', ' ', '  ', '\t'))
  .map(([words, between]) => words.join(between).replace(/[\0\n]/g, ''));

const sysctlText = textOf(sysctlLine, lineEnd);
const modprobeText = textOf(modprobeLine, modprobeEnd);

/** Realistic and malformed files. */
export const tree: fc.Arbitrary<Tree> = fc
  .tuple(
    files('sysctl.d', sysctlText),
    files('modprobe.d', modprobeText),
    fc.option(sysctlText),
    fc.option(modprobeText),
    commandLine,
    fc.option(sysctlText),
  )
  .map(([sysctl, modprobe, sysctlConf, modprobeConf, line, credential]) => ({
    ...sysctl,
    ...modprobe,
    ...(sysctlConf !== null && { '/etc/sysctl.conf': { text: sysctlConf } }),
    ...(modprobeConf !== null && { '/etc/modprobe.conf': { text: modprobeConf } }),
    ...(credential !== null && { [CREDENTIAL]: { text: credential } }),
    '/proc/cmdline': { text: `${line}\n` },
  }));

const argument = often(
  [
    4,
    oneOf(
      '--prefix=/net/netfilter',
      '--prefix=net.netfilter',
      '--prefix=/proc/sys/net',
      '--prefix=/net',
      '--pref=/net/netfilter/nf_conntrack_max',
      '--prefix=',
    ),
  ],
  [4, fileName],
  [2, oneOf('/etc/sysctl.conf', '/etc/sysctl.d/10-a.conf', '/usr/lib/sysctl.d/50-c.conf', '/etc/sysctl.d/99-sysctl.conf')],
  [1, oneOf('--prefix', '--', '--no-pager', '--cat-config', '--nonsense', '--version', '-h')],
);

/** Of systemd-sysctl. */
export const sysctlArguments: fc.Arbitrary<readonly string[]> = fc.array(argument, { minLength: 1, maxLength: 3 });

/** Writes a tree to disk, with a regular file in place of each sysctl. */
export async function plant(root: string, files: Tree): Promise<void> {
  const sysctls = [
    ...SETTINGS.map((name) => `/proc/sys/net/netfilter/nf_conntrack_${name}`),
    '/proc/sys/net/nf_conntrack_max',
    '/dev/null',
  ];
  for (const path of sysctls) await put(root, path, { text: '' });
  await putAll(root, files);
}

export async function putAll(root: string, files: Tree): Promise<void> {
  for (const [path, entry] of Object.entries(files)) await put(root, path, entry);
}

async function put(root: string, path: string, entry: Tree[string]): Promise<void> {
  const place = join(root, path);
  await mkdir(dirname(place), { recursive: true });
  if ('text' in entry) await writeFile(place, entry.text, 'latin1');
  else if ('leadsTo' in entry) await symlink(entry.leadsTo, place);
  else await mkdir(place);
}
