import type { FindingDefinition, FindingLevel } from '../finding-definition.ts';
import type { SettingName } from '../setting.ts';
import type { BootLine } from './boot-line.ts';

/** Problems with the next boot. A new code needs an entry here and a rule that reports it. */
export const BOOT_FINDINGS = {
  SYSCTL_LOST_MODULE_LATE: {
    levels: ['warning', 'error'],
    meaning:
      'Nothing reliably loads the module before sysctls are set, so the values in sysctl.d are lost without an error message. `warning`: another program, which the finding names, may set them again.',
    remedy: 'Load the module at boot with a line in modules-load.d. This service adds one when it persists settings.',
  },
  HASHSIZE_SETS_MAX: {
    levels: ['warning'],
    meaning: 'A `hashsize=` given when the module loads sets `max` to 8 × buckets, and no sysctl sets `max` afterwards.',
    remedy: 'Set `max` by sysctl too, and load the module at boot.',
  },
  MODPROBE_IGNORED_BUILT_IN: {
    levels: ['warning'],
    meaning: 'Connection tracking is built into the kernel, so options in modprobe.d have no effect.',
    remedy: 'Put `nf_conntrack.hashsize=` on the kernel command line.',
  },
  OVERRIDDEN: {
    levels: ['information'],
    meaning: 'Several files set the same setting to different values; the finding names the effective line and the overridden ones.',
    remedy: 'Remove the overridden lines, or change the effective one.',
  },
  ALSO_SET: {
    levels: ['information', 'warning'],
    meaning:
      'Another program sets the value when the machine starts: ufw, tuned, a unit, a udev rule, tmpfiles.d, kube-proxy and others. `warning`: the order, the value or whether it runs is not known, so the value has the origin `unknown`.',
    remedy: 'Set the same value in the configuration of that program, or only there.',
  },
  SYSCTL_CONF_NOT_READ: {
    levels: ['warning'],
    meaning: '`/etc/sysctl.conf` sets conntrack settings, and the boot does not read it: no link in sysctl.d leads to it.',
    remedy: 'Move the lines to a file in `/etc/sysctl.d`.',
  },
  MODPROBE_CONF_IGNORED: {
    levels: ['warning'],
    meaning: '`/etc/modprobe.conf` or `/etc/modules.conf` has options for the module, and kmod does not read these files.',
    remedy: 'Move the lines to a file in `/etc/modprobe.d`.',
  },
  SYSCTL_KEY_UNKNOWN: {
    levels: ['information', 'warning'],
    meaning:
      'A line is meant to set a conntrack setting and has no effect, because its key is not one of this kernel: a former name (`ip_conntrack_max`), a misspelled name, a file name, a pasted command, another case, a byte order mark. Usually nothing reports an error. `information`: another line sets the same value, or the line begins with `-`.',
    remedy: 'Write the line that the finding recommends.',
  },
  PARAMETER_UNKNOWN: {
    levels: ['warning'],
    meaning:
      'A parameter in modprobe.d or on the kernel command line has no effect: the module does not have it, or it is given for a name under which the module is not loaded.',
    remedy: 'Write the line that the finding recommends.',
  },
  FILE_NOT_READ: {
    levels: ['warning'],
    meaning:
      'A file has lines about connection tracking, and no program reads it because of its name or its directory. Names that mark a copy, such as `.bak`, are not reported.',
    remedy: 'Rename or move the file as the finding recommends.',
  },
  MODULE_FAILS_TO_LOAD: {
    levels: ['error'],
    meaning:
      'The module does not load, because it refuses one of its parameters, or because `module_blacklist=` names it or a module that it needs. Stateful firewall rules do not load either.',
    remedy: 'Correct or remove the parameter.',
  },
  LOAD_MAY_CRASH: {
    levels: ['error'],
    meaning: 'Several lines give the module `hashsize`. Before Linux 4.19 the kernel may crash when it loads the module with two.',
    remedy: 'Keep one of the lines.',
  },
  MODULE_BLACKLISTED: {
    levels: ['warning'],
    meaning:
      'A line in modules-load.d names the module, and a `blacklist` line or `modprobe.blacklist=` makes systemd-modules-load skip it. A module that depends on it can still load it, for example for a firewall rule.',
    remedy: 'Remove the line that blacklists the module.',
  },
  MODULES_LOAD_FAILS: {
    levels: ['warning'],
    meaning:
      'modules-load.d names a module that this kernel does not have, such as `nf_conntrack_ipv4`. systemd-modules-load reports a failure.',
    remedy: 'Name `nf_conntrack` instead.',
  },
  BOOT_SERVICE_OFF: {
    levels: ['error'],
    meaning:
      'A service that applies these files does not run at boot: systemd-sysctl (sysctl.d) or systemd-modules-load (modules-load.d) is masked, disabled, not installed, or its command is replaced.',
    remedy: 'Unmask and enable it: `systemctl unmask systemd-sysctl.service`. Remove drop-ins and `systemd.mask=` that turn it off.',
  },
  INSTALL_LINE: {
    levels: ['warning'],
    meaning: 'An `install` line runs a command instead of loading the module, so the resulting values are unknown.',
    remedy: 'Replace it with a line in modules-load.d and an `options` line in modprobe.d.',
  },
  OCTAL_VALUE: {
    levels: ['warning'],
    meaning: 'A value has a leading 0, so the kernel reads it as octal.',
    remedy: 'Write the number in decimal, without a leading 0.',
  },
  VALUE_CUT_SHORT: {
    levels: ['warning'],
    meaning: 'A value contains a blank, and the kernel reads only the part before it.',
    remedy: 'Write the number alone on its line.',
  },
  VALUE_OUT_OF_RANGE: {
    levels: ['error'],
    meaning: 'The kernel refuses the value because it is out of range. The previous value stays in effect.',
    remedy: 'Correct or remove the line.',
  },
  VALUE_DANGEROUS: {
    levels: ['warning', 'error'],
    meaning:
      'The kernel accepts the value, and it is dangerous. `warning`: `max` is 0, which means no limit. `error`: a timeout is 0 or less, so flows expire at once.',
    remedy: 'Set a limit, or a positive timeout.',
  },
  SYSCTL_UNIT_FAILS: {
    levels: ['warning'],
    meaning:
      'systemd-sysctl fails because of this line, and `systemctl is-system-running` reports `degraded`. The other lines still take effect.',
    remedy: 'Correct or remove the line.',
  },
  LINE_NOT_UNDERSTOOD: {
    levels: ['warning', 'error'],
    meaning:
      'A line has no effect. `warning`: it is not an assignment, or kmod, udev or systemd-tmpfiles ignores it. `error`: the kernel cannot parse its value.',
    remedy: 'Correct or remove the line.',
  },
  COMMAND_LINE_INVALID: {
    levels: ['warning'],
    meaning: 'The kernel ignores a parameter on its command line.',
    remedy: 'Correct or remove the parameter.',
  },
  INITRAMFS_STALE: {
    levels: ['information', 'warning'],
    meaning:
      '`warning`: the initramfs has other options for the module than modprobe.d has now. `information`: the initramfs is older than files it is built from.',
    remedy: 'Rebuild it: `update-initramfs -u` or `dracut -f`.',
  },
  INITRAMFS_NOT_SEEN: {
    levels: ['information'],
    meaning: 'The service cannot read the contents of the initramfs, so it does not know which options the initramfs has for the module.',
    remedy: 'If the module is loaded from the initramfs, rebuild it after each change of modprobe.d.',
  },
  OWN_FILE_EDITED: {
    levels: ['warning'],
    meaning: 'A file that this service manages was edited since the service wrote it.',
    remedy: 'Persist again and acknowledge `BOOT_FILE_EDITED`. The journal keeps the edited file for a rollback.',
  },
  ALIAS_MISSED_BY_RULE: {
    levels: ['warning'],
    meaning:
      'A udev rule sets sysctls again when the module is loaded, but only below a prefix; `net.nf_conntrack_max` is not below it and is lost.',
    remedy: 'Write the key as `net.netfilter.nf_conntrack_max`.',
  },
  PROCPS_DIFFERS: {
    levels: ['information'],
    meaning: '`sysctl --system` (procps), run manually, would set other values than the boot does.',
    remedy: 'Do not run it to apply these files; restart `systemd-sysctl.service` instead.',
  },
  FILE_UNREADABLE: {
    levels: ['warning'],
    meaning: 'The boot reads a file or directory that the service cannot read. Values that depend on it have the origin `unknown`.',
    remedy: 'Make it readable for the service, or remove it.',
  },
  NAMESPACE_NOT_BOOTED: {
    levels: ['information'],
    meaning:
      'The values are those of a network namespace other than the initial one. Boot files never set them, and the namespace does not outlive a reboot. Its own settings have the origin `unknown`; `max` and `buckets` are those of the host.',
    remedy:
      'Set the values where the namespace is created (the runtime’s sysctls of a container or pod). A service that runs inside can set them again at start: `--apply-at-start`.',
  },
  BOOT_UNKNOWN: {
    levels: ['warning', 'error'],
    meaning:
      'Something that decides values is unknown, such as the init system. Values that depend on it have the origin `unknown`. `error`: the module may not load at all.',
    remedy: 'Read the message: it names what is unknown.',
  },
} as const satisfies Record<string, FindingDefinition>;

export type BootFindingCode = keyof typeof BOOT_FINDINGS;

export const BOOT_FINDING_CODES = Object.keys(BOOT_FINDINGS) as readonly BootFindingCode[];

export interface BootFinding {
  readonly code: BootFindingCode;
  readonly level: FindingLevel;
  readonly message: string;
  readonly remedy?: string;
  /** The settings concerned; empty for all of them or none. */
  readonly settings: readonly SettingName[];
  readonly lines: readonly BootLine[];
}
