import type { Layout } from '../layout.ts';
import type { SettingName, SettingValues } from '../setting.ts';

/** What a name in a directory of configuration files gives to whoever opens it. */
export type BootFileContent =
  | { readonly kind: 'text'; readonly text: string }
  /** A link to /dev/null: it reads as empty, and masks the same name in later directories. */
  | { readonly kind: 'null-device' }
  /** A link to nothing: passed over at boot, and masks as well. */
  | { readonly kind: 'dangling' }
  /** A directory, or links in a circle: the boot cannot read it either, and the program that tries reports a failure. */
  | { readonly kind: 'irregular'; readonly isCircle: boolean }
  /** The boot may read it, this service cannot: the errno, or what it is. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A configuration file; `text` is latin1, one character a byte. */
export interface BootFile {
  /** Absolute, as the host sees it; of a symbolic link the link itself. */
  readonly path: string;
  /** Where the path leads to, links followed; absent where it is no link. */
  readonly linkTo?: string;
  readonly content: BootFileContent;
  /** Milliseconds since the epoch, of the content. */
  readonly modifiedAt?: number;
}

export type BootDirectoryKind = 'sysctl.d' | 'modprobe.d' | 'modules-load.d' | 'rules.d';

/** A directory of configuration files, with every name in it. */
export interface BootDirectory {
  readonly kind: BootDirectoryKind;
  readonly path: string;
  readonly files: readonly BootFile[];
  /** The errno where it exists and cannot be listed. */
  readonly unreadable?: string;
}

/** A unit of systemd that the next boot starts: its file, then its drop-ins in the order in which they are read. */
export interface BootUnit {
  readonly name: string;
  readonly files: readonly BootFile[];
}

/** The initial RAM disk that the next boot is assumed to use. */
export interface BootInitramfs {
  readonly path: string;
  readonly modifiedAt?: number;
  /** Its copies of modprobe.d and of the lists of modules to load, paths as inside; absent where it cannot be looked into. */
  readonly files?: readonly BootFile[];
  /** Why `files` is absent. */
  readonly notSeen?: string;
}

/** What depmod wrote about the modules of the running kernel. */
export interface ModuleTree {
  /** Names of all modules, with underscores. */
  readonly names: ReadonlySet<string>;
  /** Those that cannot be loaded without connection tracking. */
  readonly dependents: ReadonlySet<string>;
  /** Other names under which connection tracking itself can be asked for: patterns of modules.alias. */
  readonly aliases: readonly string[];
}

/** Everything that a boot reads and that is in files: all of the host that the preview depends on, but for the kernel's own facts. */
export interface BootFilesFound {
  /** `systemd` as sd_booted(3) has it, or, where nothing is booted, what is installed. */
  readonly init: 'systemd' | 'other' | 'unknown';
  /** The kernel command line of this boot: the next one is assumed to have it too. Absent where it cannot be read. */
  readonly commandLine?: { readonly path: string; readonly text: string };
  /** Those of one kind in the order of their precedence, the highest first. */
  readonly directories: readonly BootDirectory[];
  /** The directory whose content is gone when the machine starts, unless something writes it again. */
  readonly inMemory?: string;
  readonly sysctlConf?: BootFile;
  readonly modprobeConf?: BootFile;
  /** /etc/modules, which init scripts read without any link. */
  readonly etcModules?: BootFile;
  /** Firewalls that are enabled. */
  readonly firewallUnits?: readonly BootUnit[];
  readonly initramfs?: BootInitramfs;
  readonly modules?: ModuleTree;
  /** CONFIG_HZ of the running kernel, where its configuration is on disk: the ceiling of every timeout. */
  readonly ticksPerSecond?: number;
}

/** What the preview must know of the kernel itself. */
export interface BootKernel {
  readonly layout: Layout;
  readonly builtIn: boolean | null;
  /** The settings it has now. */
  readonly live: readonly SettingName[];
  /** Buckets a page holds (page size / 8): the modern layout rounds up to a multiple. */
  readonly bucketsPerPage: number;
  /** Whether there is a sysctl that sets the buckets at run time. */
  readonly bucketsWritable: boolean;
  /** What the kernel makes of itself when nothing asks for anything, where that is known. */
  readonly defaults?: SettingValues;
}

export interface BootInput {
  readonly files: BootFilesFound;
  readonly kernel: BootKernel;
}
