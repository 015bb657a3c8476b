import { describe, expect, it } from 'vitest';
import type { BootFilesFound, BootKernel } from '../../../../src/domain/boot/boot-input.ts';
import { planLoad } from '../../../../src/domain/boot/load-now.ts';
import { boot, commandLine, found, KERNEL, modulesOf, type Files } from './boot-of.ts';

const MODULES = modulesOf(
  {
    nfnetlink: [],
    nf_defrag_ipv4: [],
    nf_conntrack: ['nf_defrag_ipv4'],
    nf_conntrack_netlink: ['nfnetlink', 'nf_defrag_ipv4', 'nf_conntrack'],
  },
  { nfnetlink_subsys_1: 'nf_conntrack_netlink' },
);
const HASHSIZE = 'options nf_conntrack hashsize=1024\n';

function obstacles(
  files: Files,
  more: Partial<BootFilesFound> = {},
  kernel: Partial<BootKernel> = {},
): readonly (readonly [string, readonly string[]])[] {
  const plan = planLoad({ files: found(files, { modules: MODULES, ...more }), kernel: { ...KERNEL, ...kernel } }, 1_000_000_000);
  return plan.obstacles.map(({ message, lines }) => [message, lines.map(({ path, line }) => `${path}:${line}`)]);
}

describe('loading the module now', () => {
  it('meets no obstacle on a host without configuration, nor with valid parameters', () => {
    expect(obstacles({})).toEqual([]);
    expect(
      obstacles({ '/etc/modprobe.d/a.conf': `${HASHSIZE}options nf_conntrack acct=1 hashsize=4096\n` }, {}, { release: '4.19.0' }),
    ).toEqual([]);
    expect(obstacles({}, { modules: undefined as never })).toEqual([]);
  });

  it.each<[string, Files, string, Partial<BootFilesFound>]>([
    ['a bad hashsize', { '/etc/modprobe.d/a.conf': '\noptions nf_conntrack hashsize=abc\n' }, '/etc/modprobe.d/a.conf:2', {}],
    ['a bad hashsize on the kernel command line', {}, '/proc/cmdline:1', commandLine('nf_conntrack.hashsize=64k')],
    [
      'a hash table above the available memory',
      { '/etc/modprobe.d/a.conf': 'options nf_conntrack hashsize=130000000\n' },
      '/etc/modprobe.d/a.conf:1',
      {},
    ],
    ['module_blacklist=', {}, '/proc/cmdline:1', commandLine('module_blacklist=nf_conntrack')],
    ['module_blacklist= of a module that is needed', {}, '/proc/cmdline:1', commandLine('module_blacklist=nf_defrag_ipv4')],
    ['an install line', { '/etc/modprobe.d/a.conf': 'install nf_conntrack /bin/false\n' }, '/etc/modprobe.d/a.conf:1', {}],
    ['an install line with a wildcard', { '/etc/modprobe.d/a.conf': 'install nf_defrag_* /bin/true\n' }, '/etc/modprobe.d/a.conf:1', {}],
    [
      'a blacklisted nf_conntrack_netlink',
      { '/etc/modprobe.d/a.conf': 'blacklist nf-conntrack-netlink\n' },
      '/etc/modprobe.d/a.conf:1',
      {},
    ],
  ])('names the line of %s', (_, files, line, more) => {
    expect(obstacles(files, more).flatMap(([, lines]) => lines)).toEqual([line]);
  });

  it('does not mind that nf_conntrack itself is blacklisted: another module needs it', () => {
    expect(obstacles({ '/etc/modprobe.d/a.conf': 'blacklist nf_conntrack\n' })).toEqual([]);
  });

  it('is impossible if the modules of the kernel are not installed', () => {
    expect(obstacles({}, { modules: modulesOf({ ext4: [] }) })).toEqual([
      [expect.stringContaining('No module of this kernel') as string, []],
    ]);
  });

  it.each([
    ['3.10.0-1160.el7.x86_64', 1],
    ['4.18.0-553.el8', 1],
    ['4.19.0-27-amd64', 0],
    ['6.1.0', 0],
    [undefined, 0],
  ])('with two hashsize in one load may crash Linux %s: %i', (release, count) => {
    const files = { '/etc/modprobe.d/a.conf': HASHSIZE, '/etc/modprobe.d/b.conf': HASHSIZE };
    expect(obstacles(files, {}, release === undefined ? {} : { release }).map(([, lines]) => lines)).toEqual(
      count === 0 ? [] : [['/etc/modprobe.d/a.conf:1', '/etc/modprobe.d/b.conf:1']],
    );
  });
});

describe('the next boot with two hashsize', () => {
  const files = { '/etc/modprobe.d/a.conf': HASHSIZE, '/etc/modprobe.d/b.conf': 'options nf_conntrack hashsize=4096\n' };

  it.each([
    ['4.18.0-553.el8', true],
    ['4.19.0', false],
  ])('may crash Linux %s: %s', (release, mayCrash) => {
    const preview = boot(files, { release });
    expect(preview.codes.includes('LOAD_MAY_CRASH')).toBe(mayCrash);
  });

  it('may crash an old kernel that has conntrack built in, if both are on its command line', () => {
    const old = { release: '4.9.0', builtIn: true };
    expect(boot(files, old).codes).not.toContain('LOAD_MAY_CRASH');
    expect(boot({}, old, commandLine('nf_conntrack.hashsize=1024 nf_conntrack.hashsize=2048')).codes).toContain('LOAD_MAY_CRASH');
  });
});
