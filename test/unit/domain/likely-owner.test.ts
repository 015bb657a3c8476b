import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KNOWN_WRITERS, likelyOwners, writersIn } from '../../../src/domain/likely-owner.ts';
import { ProcfsProcesses } from '../../../src/kernel/procfs/procfs-processes.ts';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';

const NOTHING = { processes: [], lines: [], rebooted: false };

describe('the likely owners of a value', () => {
  it.each([
    ['max', 262_144],
    ['max', 131_072],
    ['tcp_timeout_established', 86_400],
    ['tcp_timeout_close_wait', 3_600],
    ['buckets', 65_536],
    ['helper', 1],
  ])('are none for %s = %i without evidence', (name, value) => {
    expect(likelyOwners(name, value, NOTHING)).toEqual([]);
  });

  it('report the default of the kernel as such, and not a program', () => {
    expect(likelyOwners('max', 262_144, { ...NOTHING, defaults: { max: 262_144 } })).toEqual(["the value is the kernel's own default"]);
    const processes = [{ program: 'pve-firewall', process: 'pve-firewall' }];
    expect(likelyOwners('max', 65_536, { ...NOTHING, processes, defaults: { max: 65_536 } })).toEqual([
      "the value is the kernel's own default",
    ]);
  });

  it('report values that a rule computes from another setting', () => {
    expect(likelyOwners('max', 524_288, { ...NOTHING, live: { buckets: 65_536 } })).toEqual([
      expect.stringContaining('8 × buckets (65536)'),
    ]);
    expect(likelyOwners('buckets', 50_000, { ...NOTHING, live: { max: 200_000 } })).toEqual([expect.stringContaining('max / 4')]);
    expect(likelyOwners('buckets', 50_001, { ...NOTHING, live: { max: 200_000 } })).toEqual([]);
  });

  it('name the process that contains the program', () => {
    const processes = [{ program: 'kube-proxy', process: 'k3s-server' }];
    expect(likelyOwners('max', 131_072, { ...NOTHING, processes })).toEqual([
      'k3s-server is running, which contains kube-proxy, and writes such settings; the value is one that kube-proxy sets by default',
    ]);
  });
});

describe('a known writer', () => {
  it('is firewalld, which loads the module again, for a value of sysctl.d or a default', () => {
    const processes = writersIn('firewalld', ['/usr/bin/python3', '-s', '/usr/sbin/firewalld', '--nofork'], 'udp_timeout');
    expect(processes).toEqual([{ program: 'firewalld', process: 'firewalld' }]);
    const reason = expect.stringContaining('firewalld is running') as string;
    expect(likelyOwners('max', 5, { ...NOTHING, processes })).toEqual([]);
    expect(likelyOwners('max', 5, { ...NOTHING, processes, defaults: { max: 5 } })).toContainEqual(reason);
    expect(likelyOwners('max', 5, { ...NOTHING, processes, lines: [{ path: '/etc/sysctl.d/a.conf', line: 1 }] })).toContainEqual(reason);
  });

  it.each(Object.entries(KNOWN_WRITERS).flatMap(([program, { processes }]) => processes.map((process) => [process, program] as const)))(
    '%s is recognised as %s',
    (process, program) => {
      expect(writersIn(process.slice(0, 15), [`/usr/bin/${process}`], 'max')).toEqual([{ program, process }]);
      const isAll = KNOWN_WRITERS[program]?.settings === 'all';
      expect(writersIn(process.slice(0, 15), [`/usr/bin/${process}`], 'tcp_loose')).toHaveLength(isAll ? 1 : 0);
    },
  );

  it.each(['dockerd', 'tuned', 'kube-proxy-exp', 'k3s-serve', 'pve-firewall-l', 'kubelet'])('is not %s', (comm) => {
    expect(writersIn(comm, [comm], 'max')).toEqual([]);
  });

  it('writes optional settings only with their argument', () => {
    expect(writersIn('kube-proxy', ['kube-proxy'], 'udp_timeout')).toEqual([]);
    expect(writersIn('kube-proxy', ['kube-proxy', '--conntrack-udp-timeout-stream=9s'], 'udp_timeout')).toEqual([]);
    expect(writersIn('kube-proxy', ['kube-proxy', '--conntrack-udp-timeout=9s'], 'udp_timeout')).toHaveLength(1);
    expect(writersIn('k3s-server', ['k3s', 'server', '--kube-proxy-arg=conntrack-udp-timeout=9s'], 'udp_timeout')).toHaveLength(1);
  });

  it('is not in k3s without kube-proxy', () => {
    expect(writersIn('k3s-server', ['/usr/local/bin/k3s', 'server', '--disable-kube-proxy'], 'max')).toEqual([]);
  });
});

describe('the evidence on a host', () => {
  let tree: KernelTree;
  beforeEach(async () => {
    tree = await copyKernelTree('nf_conntrack');
  });
  afterEach(() => tree.remove());

  const evidence = (name: string, value: number) => new ProcfsProcesses(tree.root).evidence(name, value);

  it('excludes a process of another network namespace', async () => {
    await tree.write('proc/42/comm', 'kube-proxy\n');
    await tree.write('proc/42/cmdline', 'kube-proxy\0--config=/var/lib/kube-proxy/config.conf\0');
    expect((await evidence('max', 5)).processes).toEqual([{ program: 'kube-proxy', process: 'kube-proxy' }]);
    for (const [id, namespace] of [
      ['self', 'net:[1]'],
      ['42', 'net:[2]'],
    ] as const) {
      await mkdir(join(tree.root, 'proc', id, 'ns'), { recursive: true });
      await symlink(namespace, join(tree.root, 'proc', id, 'ns/net'));
    }
    expect((await evidence('max', 5)).processes).toEqual([]);
  });

  it.each([
    ['/etc/ufw/sysctl.conf', 'net/netfilter/nf_conntrack_max=300000'],
    ['/etc/systemd/system/k3s.service', 'ExecStartPost=/sbin/sysctl -w net.netfilter.nf_conntrack_max=300000'],
    [
      '/etc/systemd/system/docker.service.d/limits.conf',
      "ExecStartPre=/bin/sh -c 'echo 300000 > /proc/sys/net/netfilter/nf_conntrack_max'",
    ],
    ['/etc/tmpfiles.d/conntrack.conf', 'w /proc/sys/net/netfilter/nf_conntrack_max - - - - 300000'],
    ['/etc/udev/rules.d/50-x.rules', 'ACTION=="add", SYSCTL{net/netfilter/nf_conntrack_max}="300000"'],
    ['/etc/pve/local/host.fw', 'nf_conntrack_max: 300000'],
  ])('has a line of %s with the value', async (path, line) => {
    await tree.write(path, `# nf_conntrack_max = 300000\n${line}\n`);
    expect((await evidence('max', 300_000)).lines).toEqual([{ path, line: 2 }]);
    expect((await evidence('max', 30_000)).lines).toEqual([]);
    expect((await evidence('expect_max', 300_000)).lines).toEqual([]);
  });

  it('has lines of the active profile of tuned and of those it includes only', async () => {
    await tree.write('etc/tuned/active_profile', 'site\n');
    await tree.write('etc/tuned/site/tuned.conf', '[main]\ninclude=base\n');
    await tree.write('usr/lib/tuned/base/tuned.conf', '[net]\nnf_conntrack_hashsize=4096\n');
    await tree.write('usr/lib/tuned/other/tuned.conf', '[sysctl]\nnet.netfilter.nf_conntrack_max=9\n');
    expect((await evidence('buckets', 4_096)).lines).toEqual([{ path: '/usr/lib/tuned/base/tuned.conf', line: 2 }]);
    expect((await evidence('max', 9)).lines).toEqual([]);
  });
});
