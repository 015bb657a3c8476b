import { describe, expect, it } from 'vitest';
import { boot, commandLine, modulesOf, type Boot } from './boot-of.ts';

const LOAD = { '/etc/modules-load.d/conntrack.conf': 'nf_conntrack\n' };
const sysctl = (text: string): Boot => boot({ ...LOAD, '/etc/sysctl.d/50-site.conf': text });

/** The finding about a line, and what it recommends. */
function finding({ findings }: Boot, code: string): readonly [string, string | undefined] {
  const found = findings.filter((each) => each.code === code);
  expect(found).toHaveLength(1);
  return [found[0]?.message ?? '', found[0]?.remedy];
}

describe('a line of sysctl.d that sets nothing', () => {
  it.each([
    ['the key of ip_conntrack', 'net.ipv4.netfilter.ip_conntrack_max = 65536', 'the setting is net.netfilter.nf_conntrack_max'],
    ['the short key of ip_conntrack', 'net.ipv4.ip_conntrack_max=65536', 'key that this kernel does not have'],
    ['nf_conntrack below ipv4', 'net.ipv4.nf_conntrack_max = 65536', 'key that this kernel does not have'],
    ['nf_conntrack below ipv4.netfilter', 'net.ipv4.netfilter.nf_conntrack_max = 65536', 'key that this kernel does not have'],
    ['ip_conntrack below netfilter', 'net.netfilter.ip_conntrack_max = 65536', 'key that this kernel does not have'],
    ['a byte order mark', '\xef\xbb\xbfnet.netfilter.nf_conntrack_max = 65536', 'byte order mark'],
    ['a pasted sysctl -w', 'sysctl -w net.netfilter.nf_conntrack_max=65536', 'command for a shell'],
    ['a pasted sudo sysctl -w with quotes', 'sudo /sbin/sysctl -w "net.netfilter.nf_conntrack_max=65536"', 'command for a shell'],
    ['a pasted echo with an assignment', 'echo "net.netfilter.nf_conntrack_max=65536" >> /etc/sysctl.conf', 'command for a shell'],
    ['a file name as key', '/proc/sys/net/netfilter/nf_conntrack_max = 65536', 'path below /proc/sys'],
    ['a file name with dots as key', 'proc.sys.net.netfilter.nf_conntrack_max = 65536', 'path below /proc/sys'],
    ['capitals', 'net.netfilter.NF_CONNTRACK_MAX = 65536', 'case-sensitive'],
    ['another capital', 'Net.netfilter.nf_conntrack_max = 65536', 'case-sensitive'],
    ['no-break spaces', 'net.netfilter.nf_conntrack_max\xc2\xa0=\xc2\xa065536', 'looks like a blank'],
    ['a zero-width space', '\xe2\x80\x8bnet.netfilter.nf_conntrack_max = 65536', 'looks like a blank'],
    ['quotes around the key', '"net.netfilter.nf_conntrack_max" = 65536', 'in quotes'],
    ['both separators', 'net.netfilter/nf_conntrack_max = 65536', 'key that this kernel does not have'],
    ['no prefix', 'nf_conntrack_max = 65536', 'key that this kernel does not have'],
    ['the hashsize', 'net.netfilter.nf_conntrack_hashsize = 65536', 'the sysctl is called buckets', 'buckets'],
    ['options of the module', 'options nf_conntrack hashsize=65536', 'belongs in /etc/modprobe.d', 'buckets'],
    ['two options of the module', 'options nf_conntrack acct=1 hashsize=65536', 'belongs in /etc/modprobe.d', 'buckets'],
    ['the file of the parameter', '/sys/module/nf_conntrack/parameters/hashsize = 65536', 'parameter of a module', 'buckets'],
    ['a misspelled name', 'net.netfilter.nf_conntrack_tcp_timeout_estabilshed = 65536', 'similar name', 'tcp_timeout_established'],
    ['a character after the name', 'net.netfilter.nf_conntrack_max; = 65536', 'has the characters ; after the name'],
    ['a word after the name', 'net.netfilter.nf_conntrack_max-new=65536', 'has the characters -new after the name'],
    ['a part after the name', 'net.netfilter.nf_conntrack_max.new=65536', 'has the characters .new after the name'],
    ['a comma and a word', 'net.nf_conntrack_max, new = 65536', 'has the characters , new after the name'],
    ['CRLF and a former key', 'net.ipv4.netfilter.ip_conntrack_udp_timeout = 65536\r', 'does not have', 'udp_timeout'],
  ])('because of %s is reported with the line that works', (_, line, why, name = 'max') => {
    const preview = sysctl(`# first\n${line}\n`);
    const [message, remedy] = finding(preview, 'SYSCTL_KEY_UNKNOWN');
    expect(message).toContain('/etc/sysctl.d/50-site.conf:2 has no effect');
    expect(message).toContain(why);
    expect(remedy).toBe(`Write: net.netfilter.nf_conntrack_${name} = 65536`);
    expect(preview.of(name)).toMatchObject({ origin: 'kernel-default', overridden: [{ line: 2, reason: 'wrong-key', value: 65_536 }] });
    expect(sysctl(`${remedy?.slice('Write: '.length) ?? ''}\n`).of(name).value).toBe(65_536);
  });

  it.each(['options  ip-conntrack acct=1', 'options nf_conntrack acct=1 tstamp=1', 'options nf_conntrack -- acct = 1'])(
    'because of an option of the module is reported: %s',
    (line) => {
      const [message, remedy] = finding(sysctl(`${line}\n`), 'SYSCTL_KEY_UNKNOWN');
      expect(message).toContain('belongs in /etc/modprobe.d');
      expect(remedy).toBe('Write: net.netfilter.nf_conntrack_acct = 1');
    },
  );

  it.each(['net.netfilter.nf_conntrack_dccp_loose = 1', 'net.netfilter.nf_conntrack_helper = 1', 'net.netfilter.nf_conntrack_tcp_foo = 1'])(
    'because the kernel has no such setting is reported: %s',
    (line) => {
      const modules = modulesOf({ nf_conntrack: [] });
      const preview = boot({ ...LOAD, '/etc/sysctl.d/a.conf': `${line}\n` }, {}, { modules });
      expect(finding(preview, 'SYSCTL_KEY_UNKNOWN')[0]).toContain('which this kernel does not have');
    },
  );

  it('is not reported if a module that is not loaded now may add the setting', () => {
    const modules = modulesOf({ nf_conntrack: [], nf_defrag_ipv6: [] });
    const text = 'net.netfilter.nf_conntrack_frag6_timeout = 30\n';
    expect(boot({ ...LOAD, '/etc/sysctl.d/a.conf': text }, {}, { modules }).codes).toEqual([]);
    expect(boot({ ...LOAD, '/etc/sysctl.d/a.conf': text }).codes).toEqual([]);
  });

  it('is not searched for in a very long line', () => {
    expect(sysctl(`${'conntrack_a,'.repeat(80_000)} = 5\n`).findings).toEqual([]);
    expect(sysctl(`${'conntrack_'.repeat(100_000)}\n`).codes).toEqual(['LINE_NOT_UNDERSTOOD', 'SYSCTL_UNIT_FAILS']);
  });

  it('matters less if another line sets the same value, or if it is written to be ignored', () => {
    const both = sysctl('net.ipv4.ip_conntrack_max = 65536\nnet.netfilter.nf_conntrack_max = 65536\n');
    expect(both.findings).toMatchObject([{ code: 'SYSCTL_KEY_UNKNOWN', level: 'information' }]);
    expect(sysctl('-net.ipv4.ip_conntrack_max = 65536\n').findings[0]?.level).toBe('information');
    expect(sysctl('net.ipv4.ip_conntrack_max = 65536\nnet.netfilter.nf_conntrack_max = 5\n').findings[0]?.level).toBe('warning');
  });

  it('because a glob matches only former keys is reported', () => {
    expect(finding(sysctl('net.ipv4.netfilter.ip_conntrack_*_timeout = 60\n'), 'SYSCTL_KEY_UNKNOWN')[0]).toContain('matches no setting');
    expect(sysctl('net.netfilter.nf_conntrack_udp_* = 60\n').codes).toEqual([]);
  });

  it('because the file is UTF-16 is reported', () => {
    const wide = 'net.netfilter.nf_conntrack_max=5\n'.replace(/[^]/g, '$&\0');
    const preview = sysctl(`\xff\xfe${wide}`);
    expect(preview.of('max').origin).toBe('kernel-default');
    expect(finding(preview, 'SYSCTL_KEY_UNKNOWN')[0]).toContain('UTF-16');
  });

  it.each([
    ['# net.ipv4.ip_conntrack_max = 5'],
    ['; net.ipv4.ip_conntrack_max = 5'],
    ['//net.ipv4.ip_conntrack_max = 5'],
    ['-net.netfilter.nf_conntrack_max'],
    ['net.ipv4.vs.conntrack = 1'],
    ['net.nf_conntrack_max = 5'],
    ['net/netfilter/nf_conntrack_max = 5'],
    ['net.netfilter.nf_conntrack_max = 5\r'],
    ['net.netfilter.nf_flowtable_tcp_timeout = 30'],
    ['net.ipv4.tcp_max_orphans = 5'],
  ])('is not seen in %j', (line) => {
    expect(sysctl(`${line}\n`).codes).toEqual([]);
  });

  it('but does on a kernel that still has the former keys', () => {
    const formerPaths = ['net/ipv4/netfilter/ip_conntrack_max', 'net/ipv4/netfilter/ip_conntrack_udp_timeout', 'net/ipv4/ip_conntrack_max'];
    const text = 'net.ipv4.ip_conntrack_max = 65536\nnet.ipv4.netfilter.ip_conntrack_udp_* = 60\n';
    const preview = boot({ ...LOAD, '/etc/sysctl.d/a.conf': text }, {}, { formerPaths });
    expect(preview.of('max')).toMatchObject({ value: 65_536, origin: 'file', effective: { line: 1 } });
    expect(preview.of('udp_timeout')).toMatchObject({ value: 60, effective: { line: 2 } });
    expect(preview.codes).toEqual([]);
  });
});

describe('a line of sysctl.d that is not an assignment', () => {
  it.each([
    ['net.netfilter.nf_conntrack_max 65536'],
    ['net.netfilter.nf_conntrack_max: 65536'],
    ['echo 65536 > /proc/sys/net/netfilter/nf_conntrack_max'],
    ['echo "65536" | sudo tee /proc/sys/net/netfilter/nf_conntrack_max'],
  ])('(%s) is reported with the line that works', (line) => {
    expect(finding(sysctl(`${line}\n`), 'LINE_NOT_UNDERSTOOD')[1]).toBe(
      'Write in a file in /etc/sysctl.d: net.netfilter.nf_conntrack_max = 65536',
    );
  });
});

describe('a value that the kernel refuses', () => {
  it.each([
    ['"65536"', 65_536],
    ['64k', 65_536],
    ['1M', 1_048_576],
    ['65,536', 65_536],
    ['1_000_000', 1_000_000],
    ['65536;', 65_536],
    ['65536# comment', 65_536],
    ['\xc2\xa065536', undefined],
    ['many', undefined],
  ])('of max (%s) is reported with the number that is meant', (text, meant) => {
    const [, remedy] = finding(sysctl(`net.netfilter.nf_conntrack_max = ${text}\n`), 'LINE_NOT_UNDERSTOOD');
    expect(remedy).toBe(meant === undefined ? 'Correct or remove the line.' : `Write: net.netfilter.nf_conntrack_max = ${meant}`);
  });

  it.each([
    ['30s', 30],
    ['5m', 300],
    ['2 hours', 7_200],
    ['1d', 86_400],
  ])('of a timeout (%s) is meant in seconds', (text, meant) => {
    const preview = sysctl(`net.netfilter.nf_conntrack_udp_timeout = ${text}\n`);
    const about = preview.findings.find(({ code }) => code === 'LINE_NOT_UNDERSTOOD' || code === 'VALUE_CUT_SHORT');
    if (text.includes(' ')) expect(about?.code).toBe('VALUE_CUT_SHORT');
    else expect(about?.remedy).toBe(`Write: net.netfilter.nf_conntrack_udp_timeout = ${meant}`);
  });
});

describe('a line of modprobe.d that sets nothing', () => {
  const options = (text: string): Boot => boot({ ...LOAD, '/etc/modprobe.d/a.conf': `${text}\n` });

  it.each([
    ['options nf_conntrack hash_size=65536', 'Write: options nf_conntrack hashsize=65536', 'buckets'],
    ['options nf_conntrack buckets=65536', 'Write: options nf_conntrack hashsize=65536', 'buckets'],
    ['options nf_conntrack HASHSIZE=65536', 'Write: options nf_conntrack hashsize=65536', 'buckets'],
    ['options nf_conntrack max=65536', 'Write: net.netfilter.nf_conntrack_max = 65536 (in /etc/sysctl.d)', 'max'],
    ['options nf_conntrack nf_conntrack_max=65536', 'Write: net.netfilter.nf_conntrack_max = 65536 (in /etc/sysctl.d)', 'max'],
    ['options nf_conntrack udp_timeout=60', 'Write: net.netfilter.nf_conntrack_udp_timeout = 60 (in /etc/sysctl.d)', 'udp_timeout'],
  ])('because of an unknown parameter (%s) is reported with the line that works', (text, remedy, name) => {
    const preview = options(text);
    expect(finding(preview, 'PARAMETER_UNKNOWN')[1]).toBe(remedy);
    expect(preview.of(name)).toMatchObject({ origin: 'kernel-default', overridden: [{ reason: 'unknown-parameter' }] });
  });

  it('because the kernel no longer has the parameter is reported', () => {
    expect(finding(options('options nf_conntrack nf_conntrack_helper=1'), 'PARAMETER_UNKNOWN')[0]).toContain('no parameter');
    expect(
      boot({ ...LOAD, '/etc/modprobe.d/a.conf': 'options nf_conntrack nf_conntrack_helper=1\n' }, { live: ['helper', 'max'] }).codes,
    ).toEqual([]);
  });

  it.each(['ip_conntrack', 'nf_conntrack_ipv4'])('because it is for %s is reported', (module) => {
    const [message, remedy] = finding(options(`options ${module} hashsize=65536`), 'PARAMETER_UNKNOWN');
    expect(message).toContain(`not loaded as ${module}`);
    expect(remedy).toBe('Write: options nf_conntrack hashsize=65536');
  });

  it.each([
    ['net.netfilter.nf_conntrack_max = 65536', 'Write in a file in /etc/sysctl.d: net.netfilter.nf_conntrack_max = 65536'],
    ['nf_conntrack hashsize=65536', 'Write in a file in /etc/modprobe.d: options nf_conntrack hashsize=65536'],
    ['option nf_conntrack hashsize=65536', 'Write in a file in /etc/modprobe.d: options nf_conntrack hashsize=65536'],
  ])('because kmod cannot parse it (%s) is reported with the line that works', (text, remedy) => {
    expect(finding(options(text), 'LINE_NOT_UNDERSTOOD')[1]).toBe(remedy);
  });

  it.each([
    'options nf_conntrack hashsize=512 expect_hashsize=64 acct=1 tstamp=1 enable_hooks=1',
    'options nf_conntrack_ftp ports=2121',
    'options nf_nat_ftp max=1',
  ])('is not seen in %s', (text) => {
    expect(options(text).codes.filter((code) => code !== 'HASHSIZE_SETS_MAX')).toEqual([]);
  });
});

describe('a parameter on the kernel command line', () => {
  it.each([
    [false, 'sysctl.net.netfilter.nf_conntrack_max=65536', 'before the module is loaded', 'net.netfilter.nf_conntrack_max = 65536'],
    [false, 'net.netfilter.nf_conntrack_max=65536', 'lacks the prefix', 'net.netfilter.nf_conntrack_max = 65536'],
    [true, 'net.netfilter.nf_conntrack_max=65536', 'lacks the prefix', 'Write: sysctl.net.netfilter.nf_conntrack_max=65536'],
    [true, 'sysctl.net.ipv4.ip_conntrack_max=65536', 'does not have', 'Write: sysctl.net.netfilter.nf_conntrack_max=65536'],
  ])('that sets nothing (built in: %s, %s) is reported', (builtIn, text, why, remedy) => {
    const preview = boot(LOAD, { builtIn }, commandLine(`quiet ${text}`));
    const [message, found] = finding(preview, 'SYSCTL_KEY_UNKNOWN');
    expect(message).toContain(why);
    expect(message.startsWith(text)).toBe(true);
    expect(found).toContain(remedy);
  });

  it('that the module does not have is reported', () => {
    for (const builtIn of [true, false])
      expect(finding(boot(LOAD, { builtIn }, commandLine('nf_conntrack.max=5')), 'PARAMETER_UNKNOWN')[1]).toContain('nf_conntrack_max = 5');
    expect(finding(boot(LOAD, {}, commandLine('nf_conntrack.hash_size=1024')), 'PARAMETER_UNKNOWN')[1]).toBe(
      'Write: nf_conntrack.hashsize=1024',
    );
  });

  it('that has an effect is not reported', () => {
    expect(boot(LOAD, { builtIn: true }, commandLine('sysctl.net.netfilter.nf_conntrack_max=5')).of('max').value).toBe(5);
    expect(boot(LOAD, { builtIn: true }, commandLine('sysctl.net.netfilter.nf_conntrack_max=5')).codes).toEqual([]);
    expect(boot(LOAD, {}, commandLine('quiet nf_conntrack_ftp.ports=21 nf_conntrack.acct=1')).codes).toEqual([]);
  });
});

describe('a file that nothing reads', () => {
  const LINE = 'net.netfilter.nf_conntrack_max = 5\n';

  it.each([
    ['/etc/sysctl.d/conntrack', LINE, '/etc/sysctl.d/conntrack.conf'],
    ['/etc/sysctl.d/conntrack.cfg', LINE, '/etc/sysctl.d/conntrack.conf'],
    ['/etc/sysctl.d/conntrack.conf.txt', LINE, '/etc/sysctl.d/conntrack.conf'],
    ['/etc/sysctl.d/.conntrack.conf', LINE, '/etc/sysctl.d/conntrack.conf'],
    ['/etc/modprobe.d/conntrack', 'options nf_conntrack hashsize=1024\n', '/etc/modprobe.d/conntrack.conf'],
    ['/etc/modules-load.d/conntrack', 'nf_conntrack\n', '/etc/modules-load.d/conntrack.conf'],
    ['/etc/udev/rules.d/50-conntrack.rule', 'KERNEL=="nf_conntrack", RUN+="/x"\n', '/etc/udev/rules.d/50-conntrack.rules'],
  ])('because of its name (%s) is reported with the name that works', (path, text, right) => {
    const preview = boot({ [path]: text });
    const [message, remedy] = finding(preview, 'FILE_NOT_READ');
    expect(message).toContain(path);
    expect(remedy).toBe(`Move it to ${right}.`);
  });

  it('because of its directory is reported', () => {
    const file = { path: '/etc/sysctl.d/net/conntrack.conf', content: { kind: 'text', text: LINE } } as const;
    const preview = boot(LOAD, {}, { misplaced: [{ kind: 'sysctl.d', file }] });
    expect(finding(preview, 'FILE_NOT_READ')).toEqual([
      expect.stringContaining('do not read files in /etc/sysctl.d/net'),
      'Move it to /etc/sysctl.d/conntrack.conf.',
    ]);
    expect(preview.of('max').overridden).toMatchObject([{ path: file.path, reason: 'not-read', value: 5 }]);
  });

  it.each(['a.conf~', 'a.conf.bak', 'a.conf.dpkg-old', 'a.conf.rpmsave', 'README', 'README.sysctl', 'notes.txt', 'a.conf.20240101'])(
    'because it is a copy or a text (%s) is not reported',
    (name) => {
      expect(boot({ [`/etc/sysctl.d/${name}`]: LINE }).codes).toEqual([]);
    },
  );

  it('and is not about connection tracking is not reported', () => {
    expect(boot({ '/etc/sysctl.d/swap': 'vm.swappiness = 10\n', '/etc/sysctl.d/x': '# nf_conntrack\n' }).codes).toEqual([]);
  });
});
