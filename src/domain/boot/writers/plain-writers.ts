import type { WriterFile } from '../boot-input.ts';
import { expandBraces, isGlob, matchesGlob } from '../parse/glob.ts';
import { readProcpsSysctl } from '../parse/procps-sysctl.ts';
import { settingFile } from '../parse/sysctl-command.ts';
import { resolvedPath, type SysctlPath } from '../parse/sysctl-key.ts';
import { tmpfilesWrites } from '../parse/tmpfiles-lines.ts';
import { keyedLines } from './line-files.ts';
import type { OtherWrite } from './other-write.ts';

/** Sysctl files that another program applies. The rules of ufw load connection tracking before it does. */
export function sysctlFileWrites({ program, file, order }: WriterFile): readonly OtherWrite[] {
  const isUfw = program === 'ufw';
  return readProcpsSysctl(file).flatMap(({ at, path, value }) =>
    value === undefined
      ? []
      : [{ program: isUfw ? 'ufw' : 'VyOS', at, path: resolvedPath(path), value, order, isCertain: isUfw, loads: isUfw }],
  );
}

/** Lines of tmpfiles.d that write to existing files. @param existing the files of settings, below /proc/sys */
export function tmpfilesSettings(writers: readonly WriterFile[], existing: readonly SysctlPath[]): readonly OtherWrite[] {
  return tmpfilesWrites(writers.map(({ file }) => file)).flatMap(({ at, path: written, isPattern, value }) =>
    (isPattern ? expandBraces(written) : [written]).flatMap((each): readonly OtherWrite[] => {
      const path = settingFile(each);
      if (path === undefined) return [];
      const paths = isPattern && isGlob(path) ? existing.filter((candidate) => matchesGlob(path, candidate)) : [resolvedPath(path)];
      const common = { program: 'systemd-tmpfiles', at, order: 'unordered', isCertain: value !== undefined, loads: false } as const;
      return paths.map((found) => ({ ...common, path: found, ...(value !== undefined && { value }) }));
    }),
  );
}

/** `module/nf_conntrack/parameters/hashsize = 16384` below /sys. */
export function sysfsWrites({ file, order }: WriterFile): readonly OtherWrite[] {
  return keyedLines(file).flatMap(({ at, key, value }) => {
    const path = settingFile(['', 'sys', key.replace(/^\/?(sys\/)?/, '')].join('/'));
    return path === undefined ? [] : [{ program: 'sysfsutils', at, path, value, order, isCertain: true, loads: false }];
  });
}

/** Proxmox rounds max up to a multiple of this. */
const PVE_MULTIPLE = 8_192;
const PVE_MAX = 262_144;
const PVE_TIMEOUTS: Readonly<Record<string, number>> = { tcp_timeout_established: 432_000, tcp_timeout_syn_recv: 60 };

/** The firewall of Proxmox sets max and timeouts while it is enabled, to its own defaults if its configuration does not name them. */
export function proxmoxWrites({ file, order }: WriterFile): readonly OtherWrite[] {
  const options = keyedLines(file).filter(({ section, key }) => section === 'options' && key.startsWith('nf_conntrack_'));
  const whole = { path: file.path, line: 1, text: '' };
  const max = options.findLast(({ key }) => key === 'nf_conntrack_max');
  const wanted = Number(max?.value ?? 0);
  const rounded = wanted > PVE_MAX ? Math.floor((wanted + PVE_MULTIPLE - 1) / PVE_MULTIPLE) * PVE_MULTIPLE : PVE_MAX;
  const common = { program: 'pve-firewall', order, isCertain: true, loads: true } as const;
  return [
    { ...common, at: max?.at ?? whole, path: 'net/nf_conntrack_max', value: String(rounded) },
    // Only if max differs when it starts.
    {
      ...common,
      at: max?.at ?? whole,
      path: 'net/netfilter/nf_conntrack_buckets',
      value: String(Math.floor(rounded / 4)),
      isCertain: false,
    },
    ...Object.entries(PVE_TIMEOUTS).map(([name, usual]) => {
      const option = options.findLast(({ key }) => key === `nf_conntrack_${name}`);
      return { ...common, at: option?.at ?? whole, path: `net/netfilter/nf_conntrack_${name}`, value: option?.value ?? String(usual) };
    }),
  ];
}
