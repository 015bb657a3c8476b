import { describe, expect, it } from 'vitest';
import type { Boot } from '../../unit/domain/boot/boot-of.ts';
import { bootOfTree, LOAD, SYSCTL_MAX, unit, type Host } from './boot-of-tree.ts';
import { STOCK_HOSTS } from './stock-files.ts';

type Files = Readonly<Record<string, string>>;

const KEPT = { ...SYSCTL_MAX, ...LOAD };
const SET_9 = '/sbin/sysctl -w net.netfilter.nf_conntrack_max=9';
const KERNEL = { live: ['acct', 'buckets', 'max', 'tcp_timeout_close_wait', 'tcp_timeout_established', 'udp_timeout'] };

/** A host as the distribution installs it, and what its operator added. */
function bootOf(stock: keyof typeof STOCK_HOSTS, files: Files, more: Host = {}): Promise<Boot> {
  const host = STOCK_HOSTS[stock];
  if (host === undefined) throw new Error(`there is no stock host ${stock}`);
  const enabled = [...(host.enabled ?? []), ...(more.enabled ?? [])];
  return bootOfTree({ ...host.files, ...files }, { ...host, ...more, enabled, kernel: KERNEL });
}

describe('a value of sysctl.d beside', () => {
  it('ufw, whose sysctl file has other settings only, is kept without a finding', async () => {
    const preview = await bootOf('Ubuntu 24.04 with ufw on', KEPT);
    expect(preview.of('max')).toMatchObject({ value: 100_000, origin: 'file' });
    expect(preview.findings).toEqual([]);
  });

  it.each([
    ['a command after ufw, which is not ordered', 'ufw.service.d/site.conf', 'Ubuntu 24.04 with ufw on', 'unknown'],
    ['a command after systemd-sysctl', 'systemd-sysctl.service.d/site.conf', 'Debian 12', 9],
    ['a command after systemd-modules-load', 'systemd-modules-load.service.d/site.conf', 'Debian 12', 'unknown'],
  ])('%s in a drop-in', async (_, name, stock, value) => {
    const path = `/etc/systemd/system/${name}`;
    const { max } = await bootOf(stock, { ...KEPT, [path]: `[Service]\nExecStartPost=${SET_9}\n` }).then((each) => ({
      max: each.of('max'),
    }));
    expect(max.value ?? max.origin).toBe(value);
    expect(max.alsoSetBy).toMatchObject([{ path, line: 2, value: 9 }]);
  });

  it('a command after systemd-sysctl is lost with a late module, like the value itself', async () => {
    const dropIn = { '/etc/systemd/system/systemd-sysctl.service.d/site.conf': `[Service]\nExecStartPost=${SET_9}\n` };
    const { origin, overridden } = (await bootOf('Debian 12', { ...SYSCTL_MAX, ...dropIn })).of('max');
    expect(origin).toBe('kernel-default');
    expect(overridden).toMatchObject([{ reason: 'module-loads-late' }, { reason: 'module-loads-late', line: 2 }]);
  });

  it.each([
    ['timer', 'tune.timer', '[Timer]\nOnBootSec=1min\n', 'tune.service'],
    ['timer for another unit', 'often.timer', '[Timer]\nOnCalendar=hourly\nUnit=tune.service\n', 'tune.service'],
    ['path unit', 'tune.path', '[Path]\nPathChanged=/etc/tune\n', 'tune.service'],
  ])('a service of an enabled %s is unknown', async (_, name, text, service) => {
    const files = {
      ...KEPT,
      [`/usr/lib/systemd/system/${service}`]: unit(`ExecStart=${SET_9}`),
      [`/usr/lib/systemd/system/${name}`]: text,
    };
    expect((await bootOf('Debian 12', files)).of('max').value).toBe(100_000);
    expect((await bootOf('Debian 12', files, { enabled: [name] })).of('max')).toMatchObject({
      origin: 'unknown',
      alsoSetBy: [{ program: 'tune.service', value: 9 }],
    });
  });

  it('a service that an enabled one wants is overridden', async () => {
    const files = {
      ...KEPT,
      '/usr/lib/systemd/system/app.service': '[Unit]\nWants=network.target tune.service\n[Service]\nExecStart=/usr/bin/app\n',
      '/usr/lib/systemd/system/tune.service': unit(`ExecStart=${SET_9}`),
    };
    expect((await bootOf('Debian 12', files, { enabled: ['app.service'] })).of('max').value).toBe(9);
  });

  it.each(['/var/lib/cloud/scripts/per-boot/10-tune.sh', '/etc/NetworkManager/dispatcher.d/99-tune', '/etc/ppp/ip-up.d/tune'])(
    'an executable script %s is unknown',
    async (path) => {
      const files = { ...KEPT, [path]: `#!/bin/sh\n${SET_9}\n` };
      expect((await bootOf('Debian 12', files)).of('max').value).toBe(100_000);
      expect((await bootOf('Debian 12', files, { executable: [path] })).of('max')).toMatchObject({
        origin: 'unknown',
        alsoSetBy: [{ path }],
      });
    },
  );

  it('sysctl in place of systemd-sysctl is unknown', async () => {
    const dropIn = { '/etc/systemd/system/systemd-sysctl.service.d/site.conf': '[Service]\nExecStart=\nExecStart=/sbin/sysctl --system\n' };
    const preview = await bootOf('Debian 12', { ...KEPT, ...dropIn });
    expect(preview.of('max').origin).toBe('unknown');
    expect(preview.codes).toEqual(['BOOT_UNKNOWN']);
  });
});

describe('cloud-init', () => {
  it('that wrote a file and ran sysctl once leaves a value that the next boot loses', async () => {
    const preview = await bootOf('Debian 12', {
      ...SYSCTL_MAX,
      '/var/lib/cloud/instance/user-data.txt':
        '#cloud-config\nwrite_files:\n- path: /etc/sysctl.d/50-site.conf\n  content: |\n    net.netfilter.nf_conntrack_max = 100000\nruncmd:\n- modprobe nf_conntrack\n- sysctl --system\n',
    });
    expect(preview.of('max')).toMatchObject({ origin: 'kernel-default', overridden: [{ reason: 'module-loads-late' }] });
    expect(preview.codes).toEqual(['SYSCTL_LOST_MODULE_LATE']);
  });
});

describe('tuned', () => {
  it('with a chain of profiles sets the value of the last, which is unknown if it is a variable', async () => {
    const preview = await bootOf('RHEL 9', {
      ...LOAD,
      '/etc/tuned/active_profile': 'web\n',
      '/etc/tuned/web/tuned.conf':
        '[main]\ninclude=base,-absent\n[variables]\nconnections=500000\n[sysctl]\nnet.netfilter.nf_conntrack_max=${connections}\n',
      '/etc/tuned/base/tuned.conf':
        '[main]\ninclude=throughput-performance\n[sysctl]\nnet.netfilter.nf_conntrack_udp_timeout=45\nnet.netfilter.nf_conntrack_max=300000\n',
    });
    expect(preview.of('udp_timeout').value).toBe(45);
    expect(preview.of('max')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ path: '/etc/tuned/web/tuned.conf', line: 6 }] });
  });
});

describe('kube-proxy', () => {
  const KUBELET = { '/usr/lib/systemd/system/kubelet.service': unit('ExecStart=/usr/bin/kubelet') };
  const VOLUME = '/var/lib/kubelet/pods/0b6f/volumes/kubernetes.io~configmap/kube-proxy/config.conf';
  const enabled = ['kubelet.service'];
  const config = (...lines: readonly string[]): Files => ({
    ...KEPT,
    ...KUBELET,
    [VOLUME]: ['kind: KubeProxyConfiguration', 'conntrack:', ...lines.map((line) => `  ${line}`), ''].join('\n'),
  });

  it('as a pod of kubelet sets max by the number of processors, and its usual timeouts', async () => {
    const files = config('maxPerCore: null', 'min: null', 'tcpEstablishedTimeout: null', 'tcpCloseWaitTimeout: 30m0s');
    const preview = await bootOf('Debian 12', files, { enabled });
    expect(preview.of('max')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ program: 'kube-proxy' }] });
    expect(preview.of('tcp_timeout_established').value).toBe(86_400);
    expect(preview.of('tcp_timeout_close_wait')).toMatchObject({ value: 1_800, effective: { path: VOLUME, line: 6 } });
  });

  it('leaves max alone with 0 for each core, whatever the minimum', async () => {
    const preview = await bootOf('Debian 12', config('maxPerCore: 0', 'min: 131072'), { enabled });
    expect(preview.of('max').value).toBe(100_000);
  });

  it('does not run on a node without its pod', async () => {
    expect((await bootOf('Debian 12', { ...KEPT, ...KUBELET }, { enabled })).findings).toEqual([]);
    expect((await bootOf('Debian 12', config('min: 5'))).findings).toEqual([]);
  });

  it('as a static pod has its options in the manifest', async () => {
    const manifest = {
      '/etc/kubernetes/manifests/kube-proxy.manifest':
        'spec:\n  containers:\n  - command:\n    - kube-proxy\n    - --conntrack-max-per-core=0\n    - --conntrack-tcp-timeout-established=2h\n',
    };
    const preview = await bootOf('Debian 12', { ...KEPT, ...KUBELET, ...manifest }, { enabled });
    expect(preview.of('max').value).toBe(100_000);
    expect(preview.of('tcp_timeout_established').value).toBe(7_200);
  });

  it('in k3s with quoted arguments on separate lines obeys them', async () => {
    const arguments_ = ['conntrack-max-per-core=0', 'conntrack-min=0', 'conntrack-tcp-timeout-established=0s'];
    const start = ["'server' \\", ...arguments_.map((each) => `\t'--kube-proxy-arg=${each}' \\`), ''].join('\n');
    const service = { '/usr/lib/systemd/system/k3s.service': `[Service]\nExecStart=/usr/local/bin/k3s \\\n\t${start}\n` };
    const preview = await bootOf('k3s on Debian', { ...KEPT, ...service });
    expect(preview.of('max').value).toBe(100_000);
    expect(preview.of('tcp_timeout_established').origin).toBe('kernel-default');
  });
});

describe('the firewall of Proxmox', () => {
  it('sets max with its own number of buckets, which host.fw cannot set', async () => {
    const preview = await bootOf('Proxmox', {
      '/etc/pve/firewall/cluster.fw': '[OPTIONS]\nenable: 1\n',
      '/etc/pve/local/host.fw': '[OPTIONS]\n\nnf_conntrack_max: 524288 \nnf_conntrack_buckets: 5\n[RULES]\nIN ACCEPT -p tcp\n',
    });
    expect(preview.of('max')).toMatchObject({ value: 524_288, effective: { line: 3 } });
    expect(preview.of('buckets')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ value: 131_072 }] });
  });
});

describe('VyOS', () => {
  it('may set what its configuration had when it was last loaded', async () => {
    const preview = await bootOf('Debian 12', {
      '/run/sysctl/10-vyos-conntrack.conf': 'net.netfilter.nf_conntrack_tcp_timeout_established = 3600\n',
      '/etc/modprobe.d/vyatta_nf_conntrack.conf': 'options nf_conntrack hashsize=32768\n',
    });
    expect(preview.of('tcp_timeout_established')).toMatchObject({ origin: 'unknown', alsoSetBy: [{ program: 'VyOS', value: 3_600 }] });
    expect(preview.of('buckets').value).toBe(32_768);
  });
});
