import { describe, expect, it } from 'vitest';
import { boot, commandLine, modulesOf } from './boot-of.ts';

const SYSCTL = { '/etc/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_max = 5000\n' };
const OPTIONS = { '/etc/modprobe.d/a.conf': 'options nf_conntrack hashsize=1024\n' };
/** Linux 6.1, as far as it matters. */
const MODERN = modulesOf(
  {
    nf_defrag_ipv4: [],
    nf_conntrack: ['nf_defrag_ipv4'],
    nf_conntrack_ftp: ['nf_defrag_ipv4', 'nf_conntrack'],
    nf_nat: ['nf_defrag_ipv4', 'nf_conntrack'],
    xt_conntrack: ['nf_defrag_ipv4', 'nf_conntrack'],
    xt_state: ['nf_defrag_ipv4', 'nf_conntrack'],
    xt_MASQUERADE: ['nf_defrag_ipv4', 'nf_conntrack', 'nf_nat'],
    ip_tables: [],
  },
  {
    ip_conntrack: 'nf_conntrack',
    nf_conntrack_2: 'nf_conntrack',
    ip_conntrack_ftp: 'nf_conntrack_ftp',
    ip_nat_ftp: 'nf_conntrack_ftp',
    ipt_state: 'xt_state',
    ipt_conntrack: 'xt_conntrack',
    ipt_MASQUERADE: 'xt_MASQUERADE',
    'nft_chain_[12]_nat': 'nf_nat',
  },
);
/** Linux before 4.19: connection tracking of IPv4 is a module that needs the one with the settings. */
const OLD = modulesOf(
  { nf_conntrack: [], nf_conntrack_ipv4: ['nf_conntrack'] },
  { ip_conntrack: 'nf_conntrack_ipv4', nf_conntrack_2: 'nf_conntrack_ipv4' },
);
const listed = (name: string): Record<string, string> => ({ '/etc/modules-load.d/a.conf': `${name}\n` });

describe('a name in modules-load.d', () => {
  it.each([
    'ip_conntrack_ftp',
    'ip-nat-ftp',
    'ipt_state',
    'ipt_conntrack',
    'ipt_MASQUERADE',
    'nft-chain-2-nat',
    'nf_conntrack-2',
    'xt_state',
  ])('loads conntrack through aliases and dependencies, as %s does', (name) => {
    const preview = boot({ ...SYSCTL, ...OPTIONS, ...listed(name) }, {}, { modules: MODERN });
    expect(preview.loading).toMatchObject({ when: 'before-sysctl', by: { text: name } });
    expect([preview.of('max').value, preview.of('buckets').value]).toEqual([5000, 1024]);
    expect(preview.codes).toEqual([]);
  });

  it('loads conntrack as ip_conntrack on kernels where that is an alias of nf_conntrack_ipv4', () => {
    const preview = boot({ ...SYSCTL, ...listed('ip_conntrack') }, {}, { modules: OLD });
    expect(preview.loading.when).toBe('before-sysctl');
    expect(preview.of('max').value).toBe(5000);
  });

  it('gives conntrack no options of ip_conntrack if that is another module', () => {
    const options = { '/etc/modprobe.d/a.conf': 'options ip_conntrack hashsize=1024\n' };
    const preview = boot({ ...options, ...listed('ip_conntrack') }, {}, { modules: OLD });
    expect(preview.of('buckets')).toMatchObject({ origin: 'kernel-default', overridden: [{ reason: 'other-module-name' }] });
  });

  it.each(['ip_conntrack_ftp', 'ipt_state', 'ipt_MASQUERADE', 'ip_nat_sip'])(
    'loads conntrack as %s does where depmod left no lists',
    (name) => {
      expect(boot({ ...SYSCTL, ...listed(name) }).loading.when).toBe('before-sysctl');
    },
  );

  it('does not load conntrack if it leads to a module that does not need it', () => {
    expect(boot({ ...SYSCTL, ...listed('ip_tables') }, {}, { modules: MODERN }).loading.when).toBe('late');
  });

  it('is reported if no module of this kernel has it', () => {
    expect(boot(listed('nf_conntrack_ipv4'), {}, { modules: MODERN }).codes).toEqual(['MODULES_LOAD_FAILS']);
    expect(boot(listed('ip_conntrack_irc'), {}, { modules: MODERN }).codes).toEqual(['MODULES_LOAD_FAILS']);
  });
});

describe('modprobe.d', () => {
  it('redirects a name by an alias with wildcards, and the options of the pattern count', () => {
    const files = { '/etc/modprobe.d/a.conf': 'alias fire* nf-conntrack\noptions fire* hashsize=2048\n', ...listed('firewall') };
    expect(boot(files, {}, { modules: MODERN }).of('buckets').value).toBe(2048);
  });

  it('takes an alias of the administrator instead of a module of that name', () => {
    const files = { '/etc/modprobe.d/a.conf': 'alias nf_conntrack ip_tables\n', ...SYSCTL, ...listed('nf_conntrack') };
    expect(boot(files, {}, { modules: MODERN }).loading.when).toBe('late');
  });

  it.each(['alias nf_conntrack ]ip_tables', 'alias nf_conntrack ip_[tables', 'alias nf_conn[track ip_tables', 'blacklist nf_conntrack]'])(
    'ignores a name with a bracket that is not closed or not opened: %j',
    (line) => {
      const files = { '/etc/modprobe.d/a.conf': `${line}\n`, ...SYSCTL, ...listed('nf_conntrack') };
      expect(boot(files, {}, { modules: MODERN }).loading.when).toBe('before-sysctl');
    },
  );

  it.each(['softdep ip_tables pre: nf_conntrack', 'softdep ip_* post: ipt_state', 'softdep ip_tables pre: a nf_nat'])(
    'loads conntrack by %j',
    (line) => {
      const files = { '/etc/modprobe.d/a.conf': `${line}\n`, ...SYSCTL, ...listed('ip_tables') };
      expect(boot(files, {}, { modules: MODERN }).of('max').value).toBe(5000);
    },
  );

  it('is preceded or followed by modules.softdep according to its name, and the first softdep line of a module counts', () => {
    const modules = { ...MODERN, ...modulesOf({}, {}, 'softdep ip_tables post: nf_conntrack\n') };
    const tree = { ...modules, dependencies: MODERN.dependencies, aliases: MODERN.aliases };
    const line = 'softdep ip_tables pre: nf_defrag_ipv4\n';
    const loading = (file: string): string =>
      boot({ [`/etc/modprobe.d/${file}`]: line, ...listed('ip_tables') }, {}, { modules: tree }).loading.when;
    expect([loading('a.conf'), loading('z.conf')]).toEqual(['late', 'before-sysctl']);
  });

  it('stops a request with an install line for a module that is required before conntrack', () => {
    const tree = modulesOf({ first: [], nf_conntrack: [], needs_both: ['first', 'nf_conntrack'] });
    const loading = (command: string): string =>
      boot({ '/etc/modprobe.d/a.conf': `install first ${command}\n`, ...listed('needs_both') }, {}, { modules: tree }).loading.when;
    expect([loading('/bin/false'), loading('/bin/true')]).toEqual(['late', 'before-sysctl']);
  });

  it('keeps conntrack from loading with an install line for a module that it needs', () => {
    const files = { '/etc/modprobe.d/cis.conf': 'install nf_defrag_ipv4 /bin/true\n', ...SYSCTL, ...listed('nf_conntrack') };
    const preview = boot(files, {}, { modules: MODERN });
    expect(preview.loading.when).toBe('fails');
    expect(preview.findings).toMatchObject([{ code: 'BOOT_UNKNOWN', level: 'error', lines: [{ path: '/etc/modprobe.d/cis.conf' }] }, {}]);
  });
});

describe('a blacklist', () => {
  const blacklist = { '/etc/modprobe.d/b.conf': '# not on this host\nblacklist nf-conntrack\n' };

  it('is named as the reason why a line in modules-load.d has no effect', () => {
    const preview = boot({ ...SYSCTL, ...listed('nf_conntrack'), ...blacklist }, {}, { modules: MODERN });
    expect(preview.loading.when).toBe('late');
    const found = preview.findings.find(({ code }) => code === 'MODULE_BLACKLISTED');
    expect(found?.lines).toMatchObject([{ path: '/etc/modules-load.d/a.conf' }, { path: '/etc/modprobe.d/b.conf', line: 2 }]);
    const lost = preview.findings.find(({ code }) => code === 'SYSCTL_LOST_MODULE_LATE');
    expect(lost?.remedy).toBe('Remove the line /etc/modprobe.d/b.conf:2, which blacklists the module.');
  });

  it.each(['xt_state', 'nf_conntrack_ftp'])('of conntrack does not keep %s from loading it', (name) => {
    const preview = boot({ ...SYSCTL, ...listed(name), ...blacklist }, {}, { modules: MODERN });
    expect(preview.of('max').value).toBe(5000);
    expect(preview.codes).toEqual([]);
  });

  it('on the kernel command line counts too', () => {
    const line = commandLine('quiet modprobe.blacklist=floppy,nf_conntrack');
    const preview = boot({ ...SYSCTL, ...listed('ip_conntrack') }, {}, { modules: MODERN, ...line });
    expect(preview.findings.find(({ code }) => code === 'MODULE_BLACKLISTED')?.lines).toMatchObject([
      { path: '/etc/modules-load.d/a.conf' },
      { path: '/proc/cmdline', text: 'modprobe.blacklist=floppy,nf_conntrack' },
    ]);
  });

  it('is obeyed by modprobe only for aliases', () => {
    const other = (name: string): string =>
      boot({ '/etc/modules': `${name}\n`, ...blacklist }, {}, { modules: MODERN, init: 'other' }).loading.when;
    expect([other('nf_conntrack'), other('ip_conntrack')]).toEqual(['before-sysctl', 'late']);
  });

  it.each(['module_blacklist=nf_conntrack', 'module-blacklist=a,nf_defrag_ipv4'])(
    'of the kernel (%s) keeps conntrack from loading at all',
    (text) => {
      const preview = boot({ ...SYSCTL, ...listed('xt_state') }, {}, { modules: MODERN, ...commandLine(text) });
      expect(preview.loading.when).toBe('fails');
      expect(preview.of('max')).toMatchObject({ origin: 'unknown', overridden: [{ reason: 'module-fails' }] });
      expect(preview.findings[0]).toMatchObject({ code: 'MODULE_FAILS_TO_LOAD', lines: [{ path: '/proc/cmdline' }] });
    },
  );

  it.each([
    'module_blacklist=nf-conntrack',
    'module_blacklist=nf_conntrack module_blacklist=',
    'rd.module_blacklist=nf_conntrack',
    '-- module_blacklist=nf_conntrack',
  ])('of the kernel that does not name conntrack (%s) has no effect', (text) => {
    expect(boot({ ...SYSCTL, ...listed('xt_state') }, {}, { modules: MODERN, ...commandLine(text) }).of('max').value).toBe(5000);
  });
});
