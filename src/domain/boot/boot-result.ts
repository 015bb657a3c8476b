import type { Layout } from '../layout.ts';
import type { SettingName } from '../setting.ts';
import type { BootFinding } from './boot-finding.ts';
import type { BootLine, OverriddenLine } from './boot-line.ts';

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
