import type { BootFile, BootInput } from '../boot-input.ts';
import { orderFiles, textOf } from '../parse/file-order.ts';
import type { Findings } from './finding-list.ts';
import { initramfsConfig, modprobeConfig, optionsOf, type ModprobeConfig } from '../parse/modprobe-config.ts';

const REMEDY = 'Rebuild it: update-initramfs -u, or dracut -f.';

/** A module that is loaded in the initramfs gets the options that modprobe.d had when the initramfs was built. */
export function noteInitramfs(findings: Findings, sources: BootInput): void {
  const { files, kernel } = sources;
  const { initramfs } = files;
  if (initramfs === undefined || kernel.builtIn === true) return;
  const [present, copy] = [modprobeConfig(files, kernel.layout), initramfsConfig(files)];
  const about = (config: ModprobeConfig): string =>
    optionsOf({ ...config, commandLine: undefined }, [kernel.layout])
      .map(({ text }) => text.trim())
      .join(' ');
  if (copy !== undefined) {
    if (about(copy) === about(present)) return;
    findings.add('INITRAMFS_STALE', 'warning', `${initramfs.path} has other options for ${kernel.layout} than modprobe.d has now.`, {
      remedy: REMEDY,
      settings: ['buckets', 'max'],
      lines: [...optionsOf(copy, [kernel.layout]), ...optionsOf(present, [kernel.layout])].map(({ at }) => at),
    });
    return;
  }
  const newer = filesAbout(sources).filter(({ modifiedAt }) => modifiedAt !== undefined && modifiedAt > (initramfs.modifiedAt ?? Infinity));
  if (newer.length > 0)
    findings.add(
      'INITRAMFS_STALE',
      'information',
      `${initramfs.path} is older than ${newer.map(({ path }) => path).join(', ')} and may have other options for the module.`,
      {
        remedy: REMEDY,
      },
    );
  findings.add(
    'INITRAMFS_NOT_SEEN',
    'information',
    `${initramfs.path} cannot be read: ${initramfs.notSeen ?? 'its contents are unknown'}. Its options for the module are unknown.`,
  );
}

function filesAbout({ files }: BootInput): readonly BootFile[] {
  const { read } = orderFiles(
    files.directories.filter(({ kind }) => kind === 'modprobe.d'),
    ['.conf', '.alias'],
  );
  return read.filter((file) => /conntrack/.test(textOf(file) ?? ''));
}
