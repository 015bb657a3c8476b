import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { HostBootSources } from '../../../src/boot-files/sources/host-boot-sources.ts';
import type { BootFile, BootFilesFound } from '../../../src/domain/boot/boot-input.ts';
import { filesBelow, temporaryRoot } from './temporary-root.ts';

const RELEASE = '6.1.0-37-amd64';
const KERNEL = { '/proc/sys/kernel/osrelease': `${RELEASE}\n`, '/proc/cmdline': 'quiet nf_conntrack.hashsize=1024\n' };

const fileAt = (found: BootFilesFound, path: string): BootFile | undefined =>
  found.directories.flatMap(({ files }) => files).find((file) => file.path === path);

async function link(root: string, path: string, target: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await symlink(target, join(root, path));
}

describe('HostBootSources', () => {
  it('finds every file with its text, highest precedence first', async () => {
    const root = await temporaryRoot({
      ...KERNEL,
      '/usr/lib/sysctl.d/10.conf': 'a=1\n',
      '/etc/sysctl.d/20.conf': 'b=\xff\n',
      '/run/sysctl.d/30.conf': 'c=3\n',
      '/usr/local/lib/sysctl.d/40.conf': 'd=4\n',
      '/etc/udev/rules.d/a.rules': 'RUN+="/lib/systemd/systemd-sysctl"\n',
      '/etc/udev/rules.d/b.rules': 'RUN+="/bin/true"\n',
      '/etc/modules': 'nf_conntrack\n',
    });
    const found = await new HostBootSources(root).read('nf_conntrack');
    const sysctl = found.directories.filter(({ kind }) => kind === 'sysctl.d');
    expect(sysctl.map(({ path }) => path)).toEqual(['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d']);
    expect(fileAt(found, '/etc/sysctl.d/20.conf')).toMatchObject({ content: { kind: 'text', text: 'b=\xff\n' } });
    expect(found.commandLine).toEqual({ path: '/proc/cmdline', text: 'quiet nf_conntrack.hashsize=1024' });
    expect(found.etcModules).toMatchObject({ path: '/etc/modules', content: { text: 'nf_conntrack\n' } });
    expect(fileAt(found, '/etc/udev/rules.d/a.rules')?.content).toMatchObject({ text: 'RUN+="/lib/systemd/systemd-sysctl"\n' });
    expect(fileAt(found, '/etc/udev/rules.d/b.rules')?.content).toEqual({ kind: 'text', text: '' });
    expect(found).not.toHaveProperty('sysctlConf');
  });

  it('finds files about connection tracking that nothing reads, and former keys that the kernel still has', async () => {
    const root = await temporaryRoot({
      ...KERNEL,
      '/etc/sysctl.d/net/a.conf': 'net.netfilter.nf_conntrack_max = 5\n',
      '/etc/sysctl.d/net/b.conf': 'vm.swappiness = 5\n',
      '/etc/sysctl.conf.d/c.conf': 'net.netfilter.nf_conntrack_max = 5\n',
      '/etc/modprobe/d.conf': 'options nf_conntrack hashsize=5\n',
      '/etc/udev/udev.conf': 'udev_log=info\n',
      '/proc/sys/net/ipv4/netfilter/ip_conntrack_max': '5\n',
      '/proc/sys/net/ipv4/ip_conntrack_max': '5\n',
    });
    const { misplaced = [], formerPaths } = await new HostBootSources(root).read('nf_conntrack');
    expect(misplaced.map(({ kind, file }) => `${kind} ${file.path}`).sort()).toEqual([
      'modprobe.d /etc/modprobe/d.conf',
      'sysctl.d /etc/sysctl.conf.d/c.conf',
      'sysctl.d /etc/sysctl.d/net/a.conf',
    ]);
    expect(formerPaths).toEqual(['net/ipv4/netfilter/ip_conntrack_max', 'net/ipv4/ip_conntrack_max']);
  });

  it('follows links as the host does, but never out of the root', async () => {
    const root = await temporaryRoot({ '/etc/sysctl.conf': 'inside\n', '/usr/lib/modprobe.d/a.conf': 'x\n' });
    const outside = await temporaryRoot({ '/secret': 'outside\n' });
    await link(root, '/etc/sysctl.d/99-sysctl.conf', '../sysctl.conf');
    await link(root, '/etc/sysctl.d/absolute.conf', '/etc/sysctl.conf');
    await link(root, '/etc/sysctl.d/null.conf', '/dev/null');
    await link(root, '/etc/sysctl.d/gone.conf', 'nothing');
    await link(root, '/etc/sysctl.d/loop.conf', 'loop.conf');
    await link(root, '/etc/sysctl.d/out.conf', join(outside, 'secret'));
    await link(root, '/etc/sysctl.d/up.conf', `../../../../../../../../..${join(outside, 'secret')}`);
    await symlink('usr/lib', join(root, 'lib'));
    const found = await new HostBootSources(root).read('nf_conntrack');
    const seen = Object.fromEntries(
      (found.directories[0]?.files ?? []).map(({ path, linkTo, content }) => [path.slice(14), [linkTo, content]]),
    );
    expect(seen).toMatchObject({
      '99-sysctl.conf': ['/etc/sysctl.conf', { kind: 'text', text: 'inside\n' }],
      'absolute.conf': ['/etc/sysctl.conf', { kind: 'text', text: 'inside\n' }],
      'null.conf': ['/dev/null', { kind: 'null-device' }],
      'gone.conf': ['/etc/sysctl.d/nothing', { kind: 'dangling' }],
      'loop.conf': [undefined, { kind: 'irregular', isCircle: true }],
      'out.conf': [join(outside, 'secret'), { kind: 'dangling' }],
      'up.conf': [join(outside, 'secret'), { kind: 'dangling' }],
    });
    expect(found.directories.filter(({ kind }) => kind === 'modprobe.d').map(({ path }) => path)).toEqual(['/usr/lib/modprobe.d']);
  });

  it('finds the enabled firewall units with their drop-ins', async () => {
    const root = await temporaryRoot({
      '/usr/lib/systemd/system/nftables.service': 'stock\n',
      '/usr/lib/systemd/system/nftables.service.d/10-a.conf': 'first\n',
      '/usr/lib/systemd/system/nftables.service.d/20-b.conf': 'masked\n',
      '/etc/systemd/system/nftables.service.d/20-b.conf': 'second\n',
      '/usr/lib/systemd/system/ufw.service': 'not enabled\n',
    });
    await link(root, '/etc/systemd/system/sysinit.target.wants/nftables.service', '/usr/lib/systemd/system/nftables.service');
    await link(root, '/etc/systemd/system/multi-user.target.wants/iptables.service', '/usr/lib/systemd/system/iptables.service');
    await link(root, '/etc/systemd/system/multi-user.target.wants/ferm.service', '/usr/lib/systemd/system/ferm.service');
    await link(root, '/etc/systemd/system/ferm.service', '/dev/null');
    const { firewallUnits = [] } = await new HostBootSources(root).read('nf_conntrack');
    expect(firewallUnits.map(({ name, files }) => [name, files.map(({ content }) => content)])).toEqual([
      ['nftables.service', ['stock\n', 'first\n', 'second\n'].map((text) => ({ kind: 'text', text }))],
    ]);
  });

  it('neither blocks on a pipe nor reads an endless file', async () => {
    const root = await temporaryRoot({ '/etc/sysctl.d/big.conf': '#'.repeat(1_100_000) });
    await promisify(execFile)('mkfifo', [join(root, '/etc/sysctl.d/pipe.conf')]);
    await mkdir(join(root, '/etc/sysctl.d/directory.conf'));
    const found = await new HostBootSources(root).read('nf_conntrack');
    expect(fileAt(found, '/etc/sysctl.d/pipe.conf')?.content).toEqual({ kind: 'unreadable', reason: 'a pipe, socket or device' });
    expect(fileAt(found, '/etc/sysctl.d/big.conf')?.content).toEqual({ kind: 'unreadable', reason: 'more than 1048576 bytes' });
    expect(fileAt(found, '/etc/sysctl.d/directory.conf')?.content).toEqual({ kind: 'irregular', isCircle: false });
  });

  it('shows planned changes instead of the files on disk, also through links', async () => {
    const root = await temporaryRoot({ '/etc/sysctl.conf': 'old\n', '/etc/sysctl.d/10.conf': 'old\n' });
    await link(root, '/etc/sysctl.d/99-sysctl.conf', '../sysctl.conf');
    const before = await filesBelow(root);
    const overlay = { '/etc/sysctl.conf': 'new\n', '/etc/sysctl.d/10.conf': null, '/etc/modules-load.d/a.conf': 'nf_conntrack\n' };
    const found = await new HostBootSources(root).read('nf_conntrack', overlay);
    expect(found.sysctlConf?.content).toEqual({ kind: 'text', text: 'new\n' });
    expect(found.directories.map(({ path, files }) => [path, files.map((file) => [file.path, file.content])])).toEqual([
      ['/etc/sysctl.d', [['/etc/sysctl.d/99-sysctl.conf', { kind: 'text', text: 'new\n' }]]],
      ['/etc/modules-load.d', [['/etc/modules-load.d/a.conf', { kind: 'text', text: 'nf_conntrack\n' }]]],
    ]);
    expect(await filesBelow(root)).toEqual(before);
  });

  it('detects the init system', async () => {
    const booted = await temporaryRoot();
    await mkdir(join(booted, '/run/systemd/system'), { recursive: true });
    const linked = await temporaryRoot({ '/usr/lib/systemd/systemd': '' });
    await link(linked, '/sbin/init', '/usr/lib/systemd/systemd');
    const other = await temporaryRoot({ '/sbin/init': '' });
    const inits = [booted, linked, other, await temporaryRoot()].map(
      async (root) => (await new HostBootSources(root).read('nf_conntrack')).init,
    );
    expect(await Promise.all(inits)).toEqual(['systemd', 'systemd', 'other', 'unknown']);
  });

  it('reads the lists of depmod, and CONFIG_HZ, from the files installed with the kernel', async () => {
    const root = await temporaryRoot({
      ...KERNEL,
      [`/lib/modules/${RELEASE}/modules.dep`]:
        'kernel/net/netfilter/nf_conntrack.ko.xz: kernel/lib/libcrc32c.ko.xz\nkernel/net/netfilter/nft-ct.ko: kernel/net/netfilter/nf_conntrack.ko.xz kernel/lib/libcrc32c.ko.xz\nkernel/fs/ext4.ko:\n',
      [`/lib/modules/${RELEASE}/modules.alias`]:
        '# Aliases\nalias nf_conntrack-10 nf_conntrack\nalias fs-ext4 ext4\nalias pci:v00001AF4d* virtio_net\n',
      [`/lib/modules/${RELEASE}/modules.builtin`]: 'kernel/net/netfilter/nf_log_syslog.ko\n',
      [`/lib/modules/${RELEASE}/modules.builtin.modinfo`]: 'nf_log_syslog.license=GPL\0nf_log_syslog.alias=nf-logger-2-0\0',
      [`/lib/modules/${RELEASE}/modules.softdep`]: 'softdep nft_ct pre: ext4\n',
      [`/boot/config-${RELEASE}`]: 'CONFIG_HZ_250=y\nCONFIG_HZ=250\n',
    });
    const { modules, ticksPerSecond } = await new HostBootSources(root).read('nf_conntrack');
    expect(modules).toEqual({
      dependencies: new Map([
        ['nf_conntrack', ['libcrc32c']],
        ['nft_ct', ['libcrc32c', 'nf_conntrack']],
        ['ext4', []],
      ]),
      builtIn: new Set(['nf_log_syslog']),
      aliases: [
        { pattern: 'nf_conntrack_10', module: 'nf_conntrack' },
        { pattern: 'fs_ext4', module: 'ext4' },
        { pattern: 'nf_logger_2_0', module: 'nf_log_syslog' },
      ],
      softdeps: {
        path: `/lib/modules/${RELEASE}/modules.softdep`,
        content: { kind: 'text', text: 'softdep nft_ct pre: ext4\n' },
        modifiedAt: expect.any(Number) as number,
      },
    });
    expect(ticksPerSecond).toBe(250);
  });

  it('reads the host that it runs on', async () => {
    const found = await new HostBootSources('/').read('nf_conntrack');
    expect(found.commandLine?.text).not.toBe('');
  });
});
