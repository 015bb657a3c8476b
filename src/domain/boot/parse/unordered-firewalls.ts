import type { BootLine } from '../boot-line.ts';
import type { BootFilesFound, BootUnit } from '../boot-input.ts';
import { textOf } from './file-order.ts';

/** A unit that starts after one of these starts after sysctls are set: `sysinit.target` waits for systemd-sysctl. */
const AFTER_SYSCTLS = ['systemd-sysctl.service', 'sysinit.target', 'basic.target', 'multi-user.target'];

/**
 * Firewalls that are not ordered after systemd-sysctl (systemd.unit(5), "DefaultDependencies="): their rules may load connection tracking before
 * or after sysctls are set. Returns the line of each that removes the order.
 */
export function unorderedFirewalls({ firewallUnits = [] }: BootFilesFound): readonly BootLine[] {
  return firewallUnits.flatMap(unorderedBy);
}

function unorderedBy(unit: BootUnit): readonly BootLine[] {
  const assignments = unit.files.flatMap((file) => assignmentsOf(file.path, textOf(file) ?? ''));
  const defaults = assignments.findLast(({ key }) => key === 'DefaultDependencies');
  const after = assignments.filter(({ key }) => key === 'After').flatMap(({ value }) => value.split(/\s+/));
  const isOrdered = AFTER_SYSCTLS.some((target) => after.includes(target));
  return defaults !== undefined && /^(no|n|false|f|off|0)$/i.test(defaults.value) && !isOrdered ? [defaults.at] : [];
}

export interface Assignment {
  readonly key: string;
  readonly value: string;
  readonly at: BootLine;
}

/** The assignments of a unit file, in order. */
export function assignmentsOf(path: string, text: string): readonly Assignment[] {
  return text.split('\n').flatMap((line, index) => {
    const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [{ key, value, at: { path, line: index + 1, text: line } }];
  });
}
