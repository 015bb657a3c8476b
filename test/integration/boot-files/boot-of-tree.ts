import { chmod, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HostBootSources } from '../../../src/boot-files/sources/host-boot-sources.ts';
import type { BootKernel } from '../../../src/domain/boot/boot-input.ts';
import { resolveBoot } from '../../../src/domain/boot/resolve-boot.ts';
import { KERNEL, type Boot } from '../../unit/domain/boot/boot-of.ts';
import { temporaryRoot } from './temporary-root.ts';

const RELEASE = '6.1.0-37-amd64';
const SYSTEMD = { '/run/systemd/system/.keep': '' };
const MACHINE = {
  '/proc/sys/kernel/osrelease': `${RELEASE}\n`,
  '/proc/cmdline': 'quiet\n',
  [`/usr/lib/modules/${RELEASE}/modules.dep`]:
    'kernel/net/netfilter/nf_tables.ko:\nkernel/net/netfilter/nf_conntrack.ko:\nkernel/net/netfilter/nf_nat.ko: kernel/net/netfilter/nf_conntrack.ko\n',
};

/** A line of sysctl.d, and the list that loads the module before it is applied. */
export const SYSCTL_MAX = { '/etc/sysctl.d/50-site.conf': 'net.netfilter.nf_conntrack_max = 100000\n' };
export const LOAD = { '/etc/modules-load.d/conntrack.conf': 'nf_conntrack\n' };

export interface Host {
  readonly init?: 'systemd' | 'other';
  readonly kernel?: Partial<BootKernel>;
  /** Units that are enabled for multi-user.target. */
  readonly enabled?: readonly string[];
  /** Files that are executable. */
  readonly executable?: readonly string[];
}

/** The preview of a host with these files on disk. */
export async function bootOfTree(
  files: Readonly<Record<string, string>>,
  { init = 'systemd', kernel, enabled = [], executable = [] }: Host = {},
): Promise<Boot> {
  const root = await temporaryRoot({ ...MACHINE, ...(init === 'systemd' ? SYSTEMD : { '/sbin/init': '' }), ...files });
  await symlink('usr/lib', join(root, 'lib'));
  for (const unit of enabled) {
    const link = join(root, '/etc/systemd/system/multi-user.target.wants', unit);
    await mkdir(dirname(link), { recursive: true });
    await symlink(`/usr/lib/systemd/system/${unit}`, link);
  }
  for (const path of executable) await chmod(join(root, path), 0o755);
  const found = await new HostBootSources(root).read('nf_conntrack');
  const preview = resolveBoot({ files: found, kernel: { ...KERNEL, ...kernel } });
  const of: Boot['of'] = (name) => {
    const setting = preview.settings.find((each) => each.name === name);
    if (!setting) throw new Error(`no ${name} in the preview`);
    return setting;
  };
  return { ...preview, of, codes: [...new Set(preview.findings.map(({ code }) => code))] };
}

/** A unit file with commands, started after the basic system. */
export function unit(...commands: readonly string[]): string {
  return ['[Unit]', 'Description=Tuning', '[Service]', 'Type=oneshot', ...commands, '[Install]', 'WantedBy=multi-user.target', ''].join(
    '\n',
  );
}
