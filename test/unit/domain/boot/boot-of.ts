import type { BootResult, BootSetting } from '../../../../src/domain/boot/boot-result.ts';
import type {
  BootDirectory,
  BootDirectoryKind,
  BootFile,
  BootFilesFound,
  BootKernel,
  ModuleTree,
} from '../../../../src/domain/boot/boot-input.ts';
import { resolveBoot } from '../../../../src/domain/boot/resolve-boot.ts';

const DIRECTORIES: readonly (readonly [BootDirectoryKind, string])[] = ['/etc', '/run', '/usr/local/lib', '/usr/lib'].flatMap((parent) => [
  ['sysctl.d', `${parent}/sysctl.d`] as const,
  ['modprobe.d', `${parent}/modprobe.d`] as const,
  ['modules-load.d', `${parent}/modules-load.d`] as const,
  ['rules.d', `${parent}/udev/rules.d`] as const,
]);

/** Text, or where a symbolic link leads to. */
export type Files = Readonly<Record<string, string | { readonly leadsTo: string }>>;

/** The files as a reader would find them; links to other files of the set are followed. */
export function found(files: Files, more: Partial<BootFilesFound> = {}): BootFilesFound {
  const fileAt = (path: string): BootFile | undefined => {
    const entry = files[path];
    if (entry === undefined) return undefined;
    if (typeof entry === 'string') return { path, content: { kind: 'text', text: entry } };
    if (entry.leadsTo === '/dev/null') return { path, linkTo: entry.leadsTo, content: { kind: 'null-device' } };
    const target = files[entry.leadsTo];
    return { path, linkTo: entry.leadsTo, content: typeof target === 'string' ? { kind: 'text', text: target } : { kind: 'dangling' } };
  };
  const directories: readonly BootDirectory[] = DIRECTORIES.map(([kind, path]) => ({
    kind,
    path,
    files: Object.keys(files)
      .filter((file) => file.startsWith(`${path}/`))
      .flatMap((file) => fileAt(file) ?? []),
  }));
  const [sysctlConf, modprobeConf, etcModules] = ['/etc/sysctl.conf', '/etc/modprobe.conf', '/etc/modules'].map(fileAt);
  return {
    init: 'systemd',
    inMemory: '/run',
    commandLine: { path: '/proc/cmdline', text: 'BOOT_IMAGE=/vmlinuz root=/dev/vda1 quiet' },
    directories,
    ...(sysctlConf && { sysctlConf }),
    ...(modprobeConf && { modprobeConf }),
    ...(etcModules && { etcModules }),
    ...more,
  };
}

export function commandLine(text: string): Partial<BootFilesFound> {
  return { commandLine: { path: '/proc/cmdline', text } };
}

/** The lists of depmod. @param dependencies what each module needs @param aliases the module that each pattern leads to */
export function modulesOf(
  dependencies: Readonly<Record<string, readonly string[]>>,
  aliases: Readonly<Record<string, string>> = {},
  softdeps = '',
): ModuleTree {
  return {
    dependencies: new Map(Object.entries(dependencies)),
    builtIn: new Set(),
    aliases: Object.entries(aliases).map(([pattern, module]) => ({ pattern, module })),
    softdeps: { path: '/lib/modules/6.1/modules.softdep', content: { kind: 'text', text: softdeps } },
  };
}

export const KERNEL: BootKernel = {
  layout: 'nf_conntrack',
  builtIn: false,
  live: ['acct', 'buckets', 'events', 'expect_max', 'max', 'tcp_timeout_established', 'timestamp', 'udp_timeout'],
  bucketsPerPage: 512,
  bucketsWritable: true,
  defaults: { buckets: 8192, max: 8192, tcp_timeout_established: 432_000 },
};

export interface Boot extends BootResult {
  readonly of: (name: string) => BootSetting;
  readonly codes: readonly string[];
}

export function boot(files: Files, kernel: Partial<BootKernel> = {}, more: Partial<BootFilesFound> = {}): Boot {
  const preview = resolveBoot({ files: found(files, more), kernel: { ...KERNEL, ...kernel } });
  const of = (name: string): BootSetting => {
    const setting = preview.settings.find((each) => each.name === name);
    if (!setting) throw new Error(`no ${name} in the preview`);
    return setting;
  };
  return { ...preview, of, codes: [...new Set(preview.findings.map(({ code }) => code))] };
}
