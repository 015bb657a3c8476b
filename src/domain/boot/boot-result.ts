import type { Layout } from '../layout.ts';
import type { SettingName } from '../setting.ts';
import type { BootFinding } from './boot-finding.ts';
import type { BootLine, OtherWriterLine, OverriddenLine } from './boot-line.ts';

/** The origin of a value. */
export const BOOT_ORIGINS = [
  /** A line of a file; `effective` names it. */
  'file',
  /** A parameter on the kernel command line; `effective` names it. */
  'command-line',
  /** Max derived from a hashsize given when the module loads: 8 × buckets. `effective` names the hashsize. */
  'derived',
  /** No line sets it: the kernel's default. */
  'kernel-default',
  /** Unknown; a finding has the reason. */
  'unknown',
] as const;
export type BootOrigin = (typeof BOOT_ORIGINS)[number];

export interface BootSetting {
  readonly name: SettingName;
  /** The value after the next boot and the first firewall rule, as the kernel will report it (buckets rounded up). Absent if unknown. */
  readonly value?: number;
  readonly origin: BootOrigin;
  readonly effective?: BootLine;
  readonly overridden: readonly OverriddenLine[];
  /** Other programs that set it when the machine starts, or later; present only if there are any. */
  readonly alsoSetBy?: readonly OtherWriterLine[];
  /** What `sysctl --system` of procps would set from the same files; present only if it differs. */
  readonly procps?: { readonly value?: number; readonly effective?: BootLine };
}

/** How connection tracking is loaded at the next boot. */
export interface BootLoading {
  readonly builtIn: boolean | null;
  /** `before-sysctl`: built in, in the initramfs or by modules-load.d; `late`: by its first user; `fails`: the module refuses its parameters. */
  readonly when: 'before-sysctl' | 'late' | 'fails' | 'unknown';
  /** The line that loads it, if a line does. */
  readonly by?: BootLine;
  /** The udev rule that sets sysctls again when the module is loaded. */
  readonly reappliedByRule?: BootLine;
  /** `systemd`: systemd-sysctl sets sysctls; `procps`: `sysctl --system` in init scripts. */
  readonly sysctlBy: 'systemd' | 'procps' | 'unknown';
}

/** The result of the next boot for every conntrack setting. */
export interface BootResult {
  readonly layout: Layout;
  readonly loading: BootLoading;
  /** By name: every setting the kernel has now, and every other that a line sets. */
  readonly settings: readonly BootSetting[];
  readonly findings: readonly BootFinding[];
}
