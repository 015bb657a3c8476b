import type { Layout } from '../layout.ts';
import type { SettingName } from '../setting.ts';

/** A place a boot takes a value from. */
export interface BootLine {
  /** Absolute, as the host sees it: `/etc/sysctl.d/10-site.conf`, `/proc/cmdline`, or an initramfs and the file inside it. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** The line as it stands there, without its line end; of the kernel command line the parameter alone. */
  readonly text: string;
}

/** Why a line does not decide the value at the next boot. Closed; the HTTP edge documents each. */
export const OVERRIDDEN_REASONS = [
  /** A later line of the same file or of a file read later assigns the same key. */
  'overridden-by-later-line',
  /** The same name stands in a directory that comes first, or the name is linked to /dev/null. */
  'file-masked',
  /** sysctl.d: systemd keeps a key repeated with the same value in its first place. */
  'repeats-earlier-value',
  /** The module is loaded after sysctls were set: the file to write did not exist then. */
  'module-loads-late',
  /** The kernel has connection tracking built in: modprobe.d and modules-load.d do nothing. */
  'built-in',
  /** sysctls are set after the module has taken its parameters. */
  'sysctl-runs-later',
  'command-line-wins',
  /** A file that the boot does not read: /etc/sysctl.conf without its link, /etc/modprobe.conf under kmod, a name without .conf. */
  'not-read',
  /** The kernel refuses the value, or the kernel has no such setting, or the line is excluded by another. */
  'refused-by-kernel',
  'setting-absent',
  'excluded',
  'not-understood',
  /** Module parameters given for a name under which the module is not loaded. */
  'other-module-name',
  /** The module refuses its parameters and is not there to be set. */
  'module-fails',
] as const;
export type OverriddenReason = (typeof OVERRIDDEN_REASONS)[number];

export interface OverriddenLine extends BootLine {
  readonly reason: OverriddenReason;
  /** In words, naming the line that wins where there is one. */
  readonly detail: string;
  /** The value it asks for, as far as it is a number. */
  readonly value?: number;
}

/** What decides a value. */
export const BOOT_ORIGINS = [
  /** A line of a file; `effective` names it. */
  'file',
  /** A parameter on the kernel command line; `effective` names it. */
  'command-line',
  /** Max that follows from a hashsize given when the module loads: 8 x buckets. `effective` names the hashsize. */
  'derived',
  /** Nothing asks for it: what the kernel makes of itself. */
  'kernel-default',
  /** It cannot be told; a finding says why. */
  'unknown',
] as const;
export type BootOrigin = (typeof BOOT_ORIGINS)[number];

export interface BootSetting {
  readonly name: SettingName;
  /** The effective value after the next boot and the first firewall rule, as the kernel will report it (buckets rounded up). Absent where it cannot be told. */
  readonly value?: number;
  readonly origin: BootOrigin;
  readonly effective?: BootLine;
  readonly overridden: readonly OverriddenLine[];
  /** What `sysctl --system` of procps would set from the same files, present only where that is another value. */
  readonly procps?: { readonly value?: number; readonly effective?: BootLine };
}

export const FINDING_LEVELS = ['information', 'warning', 'error'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** Stable codes of what is remarkable about the next boot. */
export const BOOT_FINDING_CODES = [
  'SYSCTL_LOST_MODULE_LATE',
  'HASHSIZE_SETS_MAX',
  'MODPROBE_IGNORED_BUILT_IN',
  'OVERRIDDEN',
  'SYSCTL_CONF_NOT_READ',
  'MODPROBE_CONF_IGNORED',
  'MODULE_FAILS_TO_LOAD',
  'MODULES_LOAD_FAILS',
  'INSTALL_LINE',
  'OCTAL_VALUE',
  'VALUE_CUT_SHORT',
  'VALUE_OUT_OF_RANGE',
  'VALUE_DANGEROUS',
  'SYSCTL_UNIT_FAILS',
  'LINE_NOT_UNDERSTOOD',
  'COMMAND_LINE_INVALID',
  'INITRAMFS_STALE',
  'INITRAMFS_NOT_SEEN',
  'OWN_FILE_EDITED',
  'ALIAS_MISSED_BY_RULE',
  'PROCPS_DIFFERS',
  'FILE_UNREADABLE',
  'BOOT_UNKNOWN',
] as const;
export type BootFindingCode = (typeof BOOT_FINDING_CODES)[number];

export interface BootFinding {
  readonly code: BootFindingCode;
  readonly level: FindingLevel;
  readonly message: string;
  readonly remedy?: string;
  /** The settings it is about; empty where it is about all of them or none. */
  readonly settings: readonly SettingName[];
  readonly lines: readonly BootLine[];
}

/** How connection tracking comes up at the next boot. */
export interface BootLoading {
  readonly builtIn: boolean | null;
  /** `before-sysctl`: built in, in the initramfs or by modules-load.d; `late`: by whoever first needs it; `fails`: the module refuses its parameters. */
  readonly when: 'before-sysctl' | 'late' | 'fails' | 'unknown';
  /** What loads it, where a line does. */
  readonly by?: BootLine;
  /** A udev rule sets the sysctls again whenever the module is added. */
  readonly reappliedByRule?: BootLine;
  /** `systemd`: systemd-sysctl's rules; `procps`: those of `sysctl --system`, in init scripts. */
  readonly sysctlBy: 'systemd' | 'procps' | 'unknown';
}

/** What the next boot will make of every conntrack setting, from all the files that it reads. */
export interface BootResult {
  readonly layout: Layout;
  readonly loading: BootLoading;
  /** By name: every setting the kernel has now, and every other that some line asks for. */
  readonly settings: readonly BootSetting[];
  readonly findings: readonly BootFinding[];
}
