import type { Layout } from '../layout.ts';
import type { SettingName, SettingValues } from '../setting.ts';

/** What a program finds when it opens a configuration file. */
export type BootFileContent =
  | { readonly kind: 'text'; readonly text: string }
  /** A link to /dev/null: it reads as empty, and masks the same name in later directories. */
  | { readonly kind: 'null-device' }
  /** A dangling link: ignored at boot, and masks the same name too. */
  | { readonly kind: 'dangling' }
  /** A directory, or links in a circle: the boot cannot read it either, and the program that reads it reports a failure. */
  | { readonly kind: 'irregular'; readonly isCircle: boolean }
  /** The boot can read it, this service cannot: the errno, or the file type. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A configuration file; `text` is latin1, one character a byte. */
export interface BootFile {
  /** Absolute, as the host sees it; of a symbolic link, the link itself. */
  readonly path: string;
  /** The target of a symbolic link; absent if it is not a link. */
  readonly linkTo?: string;
  readonly content: BootFileContent;
  /** Modification time of the content, in milliseconds since the epoch. */
  readonly modifiedAt?: number;
}

export type BootDirectoryKind = 'sysctl.d' | 'modprobe.d' | 'modules-load.d' | 'rules.d';

/** A directory of configuration files, with every name in it. */
export interface BootDirectory {
  readonly kind: BootDirectoryKind;
  readonly path: string;
  readonly files: readonly BootFile[];
  /** The errno if it exists and cannot be listed. */
  readonly unreadable?: string;
}

/** A systemd unit that the next boot starts: its file, then its drop-ins in reading order. */
export interface BootUnit {
  readonly name: string;
  readonly files: readonly BootFile[];
}

/** The initial RAM disk that the next boot is assumed to use. */
export interface BootInitramfs {
  readonly path: string;
  readonly modifiedAt?: number;
  /** Its copies of modprobe.d and of the lists of modules to load, with paths inside it. Absent if it cannot be read. */
  readonly files?: readonly BootFile[];
  /** Why `files` is absent. */
  readonly notSeen?: string;
}

/** The modules of the running kernel, from the files of depmod. */
export interface ModuleTree {
  /** Names of all modules, with underscores. */
  readonly names: ReadonlySet<string>;
  /** Modules that depend on connection tracking. */
  readonly dependents: ReadonlySet<string>;
  /** Aliases of connection tracking: patterns of modules.alias. */
  readonly aliases: readonly string[];
}

/** All files that a boot reads. With the facts about the kernel, this is everything the result depends on. */
export interface BootFilesFound {
  /** `systemd` according to sd_booted(3); if nothing is booted, the installed init system. */
  readonly init: 'systemd' | 'other' | 'unknown';
  /** The kernel command line of this boot, assumed for the next one too. Absent if it cannot be read. */
  readonly commandLine?: { readonly path: string; readonly text: string };
  /** Directories of the same kind are in the order of precedence, the highest first. */
  readonly directories: readonly BootDirectory[];
  /** The directory that is empty when the machine starts, until something writes to it again. */
  readonly inMemory?: string;
  readonly sysctlConf?: BootFile;
  readonly modprobeConf?: BootFile;
  /** /etc/modules, which init scripts read directly. */
  readonly etcModules?: BootFile;
  /** Enabled firewalls. */
  readonly firewallUnits?: readonly BootUnit[];
  readonly initramfs?: BootInitramfs;
  readonly modules?: ModuleTree;
  /** CONFIG_HZ of the running kernel, if its configuration is on disk: it limits every timeout. */
  readonly ticksPerSecond?: number;
}

/** Facts about the kernel. */
export interface BootKernel {
  readonly layout: Layout;
  readonly builtIn: boolean | null;
  /** The settings that it has now. */
  readonly live: readonly SettingName[];
  /** Buckets a page holds (page size / 8): the modern layout rounds up to a multiple. */
  readonly bucketsPerPage: number;
  /** Whether the sysctl for buckets is writable. */
  readonly bucketsWritable: boolean;
  /** Whether it has max only under its second name (legacy layout). Absent: no. */
  readonly maxByAlias?: boolean;
  /** The kernel's defaults, if known. */
  readonly defaults?: SettingValues;
}

export interface BootInput {
  readonly files: BootFilesFound;
  readonly kernel: BootKernel;
}
