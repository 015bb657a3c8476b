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

/** A file that nothing reads because of its directory. */
export interface MisplacedFile {
  /** What it would be in the right directory. */
  readonly kind: BootDirectoryKind;
  readonly file: BootFile;
}

/** A systemd unit that the next boot starts: its file, then its drop-ins in reading order. */
export interface BootUnit {
  readonly name: string;
  readonly files: readonly BootFile[];
}

/** A service that systemd itself brings. */
export interface BootService extends BootUnit {
  /** Whether another unit starts it, as a link in its `.wants` or `.requires`. */
  readonly isWanted: boolean;
}

/** The services that load modules and set sysctls. Without `files` a service is not installed. */
export interface BootServices {
  readonly modulesLoad: BootService;
  readonly sysctl: BootService;
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

/** A name under which a module can be loaded too: a pattern, with underscores. */
export interface ModuleAlias {
  readonly pattern: string;
  readonly module: string;
}

/** The modules of the running kernel, from the files of depmod. Names have underscores in place of dashes. */
export interface ModuleTree {
  /** By module: the modules that it needs, directly or through others, in the order in which they are loaded. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Compiled into the kernel. */
  readonly builtIn: ReadonlySet<string>;
  readonly aliases: readonly ModuleAlias[];
  /** modules.softdep, which kmod reads like a file of modprobe.d. */
  readonly softdeps?: BootFile;
}

/** Programs that set conntrack settings besides the sysctl run, each with the form of its files. */
export type WriterProgram =
  /** The sysctl file of ufw, if ufw is enabled. */
  | 'ufw'
  /** The active profile and those it includes, the included ones first; without sections that set nothing. */
  | 'tuned'
  /** A unit that the boot starts, or a drop-in of it. */
  | 'unit'
  /** A shell script that the boot runs, such as rc.local. */
  | 'script'
  /** Lines of tmpfiles.d. */
  | 'tmpfiles'
  /** Configuration of sysfsutils. */
  | 'sysfs'
  /** Sysctl files that VyOS writes and applies when it loads its configuration. */
  | 'vyos'
  /** The configuration of iptables-services. */
  | 'iptables-services'
  /** kube-proxy, as a separate process or embedded in k3s, rke2 or microk8s: its configuration, or the unit that starts it. */
  | 'kube-proxy'
  /** The configuration of the firewall of Proxmox for this host, if that firewall is enabled. */
  | 'pve-firewall'
  | 'cloud-init'
  /** crontab(5) files: lines that run at boot. */
  | 'cron'
  /** Network configuration with commands: interfaces(5). */
  | 'ifupdown';

/** A file of another program that sets conntrack settings when the machine starts, or later. */
export interface WriterFile {
  readonly program: WriterProgram;
  readonly file: BootFile;
  /** Whether it runs after sysctls are set (`late`), or the two are not ordered. */
  readonly order: 'late' | 'unordered';
  /** Something else must happen before it runs. */
  readonly isConditional?: true;
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
  /** Files of the ip_conntrack layout that an nf_conntrack kernel has too: paths below /proc/sys (CONFIG_NF_CONNTRACK_PROC_COMPAT). */
  readonly formerPaths?: readonly string[];
  /** Files about connection tracking in directories that look like those of the boot, and that no program reads. */
  readonly misplaced?: readonly MisplacedFile[];
  readonly modprobeConf?: BootFile;
  /** /etc/modules.conf of Linux 2.4, which no current program reads. */
  readonly modulesConf?: BootFile;
  /** Lists of modules that OpenWrt loads at boot, in order. */
  readonly moduleLists?: readonly BootFile[];
  /** /etc/modules, which init scripts read directly. */
  readonly etcModules?: BootFile;
  /** Enabled firewalls. */
  readonly firewallUnits?: readonly BootUnit[];
  /** Absent if the host has no units of systemd. */
  readonly services?: BootServices;
  /** Files of other programs that are enabled and may set conntrack settings. */
  readonly writers?: readonly WriterFile[];
  /** Files that commands in udev rules, units and scripts name. */
  readonly namedFiles?: readonly BootFile[];
  /** The credential `sysctl.extra`, which systemd-sysctl reads after all files. */
  readonly sysctlCredential?: BootFile;
  readonly initramfs?: BootInitramfs;
  readonly modules?: ModuleTree;
  /** CONFIG_HZ of the running kernel, if its configuration is on disk: it limits every timeout. */
  readonly ticksPerSecond?: number;
}

/** Facts about the kernel. */
export interface BootKernel {
  readonly layout: Layout;
  readonly builtIn: boolean | null;
  /** As `uname -r`: `6.1.0-18-amd64`; absent if it cannot be read. */
  readonly release?: string;
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
