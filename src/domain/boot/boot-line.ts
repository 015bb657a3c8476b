/** A line that a boot reads. */
export interface BootLine {
  /** Absolute, as the host sees it: `/etc/sysctl.d/10-site.conf`, `/proc/cmdline`, or an initramfs and the file inside it. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** The line without its line end; of the kernel command line, the parameter alone. */
  readonly text: string;
}

/** Why a line does not decide the value at the next boot. The table in docs/boot.md is generated from it. */
const OVERRIDDEN = {
  'overridden-by-later-line': 'A later line, or a line of a file that is read later, sets the same setting.',
  'file-masked': 'A directory with higher precedence has a file of the same name, or the name is a link to `/dev/null`.',
  'repeats-earlier-value':
    'systemd keeps a key that is repeated with the same value in its first place, so a line in between that uses the alias is effective.',
  'module-loads-late': 'The module was not loaded yet when sysctls were set, so the file to write did not exist.',
  'built-in': 'Connection tracking is built into the kernel: modprobe.d and modules-load.d have no effect.',
  'sysctl-runs-later': 'The line sizes the table when the module loads, and a sysctl sets the size again afterwards.',
  'command-line-wins': 'The kernel command line is appended to the options of modprobe.d, and the last one counts.',
  'not-read':
    'The boot does not read this file: `/etc/sysctl.conf` without a link to it, `/etc/modprobe.conf` under kmod, a name without `.conf`, or another directory.',
  'refused-by-kernel': 'The kernel refuses the value.',
  'setting-absent': 'This kernel does not have the setting.',
  excluded: 'A `-key` line, or a line that names the key itself, excludes the key from this line.',
  'not-understood': 'The program that reads the line does not understand it.',
  'other-module-name': 'The options are for a name under which the module is not loaded.',
  'service-off':
    'The service that reads the file does not run at boot, or does not set this key: it is masked, disabled, or its command is changed.',
  'wrong-key':
    'The key is not one of this kernel: a former name such as `ip_conntrack_max`, a file name, a pasted command, another case, or a character that cannot be seen.',
  'unknown-parameter': 'The module has no such parameter, and the kernel ignores it.',
  'module-fails': 'The module refuses its parameters and does not load, so there is nothing to set.',
} as const satisfies Record<string, string>;

export type OverriddenReason = keyof typeof OVERRIDDEN;

export const OVERRIDDEN_REASONS = Object.keys(OVERRIDDEN) as readonly OverriddenReason[];

/** In Markdown. */
export const OVERRIDDEN_MEANINGS: Readonly<Record<OverriddenReason, string>> = OVERRIDDEN;

export interface OverriddenLine extends BootLine {
  readonly reason: OverriddenReason;
  /** In words; names the effective line where there is one. */
  readonly detail: string;
  /** The value the line sets, where that is a number. */
  readonly value?: number;
}

/** A line that makes another program set a value when the machine starts, or later. */
export interface OtherWriterLine extends BootLine {
  /** The program: `tuned`, `ufw`, a unit. */
  readonly program: string;
  /** Absent if it is not known. */
  readonly value?: number;
}
