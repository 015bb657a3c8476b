import type { FileContent } from '../domain/change.ts';
import type { SettingName, SettingValues } from '../domain/setting.ts';
import { kernelNumber } from './kernel-number.ts';
import { appendLine, BLANK, removeLines, splice } from './lines.ts';

/** The text up to the value, the key, and the first word of the value (the kernel ignores the rest). See sysctl.conf(5) of procps. */
const ASSIGNMENT = new RegExp(`^(${BLANK}*-?${BLANK}*([\\w./-]+)${BLANK}*=${BLANK}*)([^ \\t\\v\\f\\r]+)`);
const KEY = /^net\/ipv4\/netfilter\/ip_conntrack_(\w+)$/;
const MAX_ALIAS = 'net/ipv4/ip_conntrack_max';
/** The kernel rejects writes to these, so a line for one of them has no effect. */
const READ_ONLY = new Set(['buckets', 'count']);

interface Assignment {
  readonly name: SettingName;
  readonly value: string;
  /** Offset of the value in the whole text. */
  readonly start: number;
  /** Whether the line names max by its second name. */
  readonly isAlias: boolean;
}

/** The legacy settings in /etc/sysctl.conf. The last line for a setting is effective; if its value is not an integer, it sets nothing. */
export function sysctlConfValues(text: FileContent): SettingValues {
  const effective = new Map(assignmentsIn(text ?? '').map(({ name, value }) => [name, kernelNumber(value)]));
  return Object.fromEntries([...effective].filter((entry): entry is [SettingName, number] => entry[1] !== undefined));
}

/**
 * Sets a value in /etc/sysctl.conf: changes only the value of the effective line, or adds a line if there is none.
 *
 * @param maxByAlias whether the kernel has max only under its second name, so that a line with the first one has no effect
 */
export function setInSysctlConf(text: FileContent, name: SettingName, value: number, maxByAlias = false): string {
  const content = text ?? '';
  const isByAlias = name === 'max' && maxByAlias;
  const effective = assignmentsIn(content).findLast((assignment) => assignment.name === name);
  if (effective === undefined || (isByAlias && !effective.isAlias)) {
    const key = isByAlias ? MAX_ALIAS.replaceAll('/', '.') : `net.ipv4.netfilter.ip_conntrack_${name}`;
    return appendLine(content, `${key} = ${value}`);
  }
  if (kernelNumber(effective.value) === value) return content;
  return splice(content, effective.start, effective.start + effective.value.length, String(value));
}

/** Removes the effective line for the setting. An earlier line for it then becomes effective. */
export function removeFromSysctlConf(text: FileContent, name: SettingName): FileContent {
  const effective = assignmentsIn(text ?? '').findLast((assignment) => assignment.name === name);
  return text === null || effective === undefined ? text : removeLines(text, effective.start, effective.start + effective.value.length);
}

function assignmentsIn(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  let lineStart = 0;
  for (const line of text.split('\n')) {
    const [, upToValue = '', key = '', value = ''] = ASSIGNMENT.exec(line) ?? [];
    const name = settingOf(key);
    if (name !== undefined && !READ_ONLY.has(name)) {
      found.push({ name, value, start: lineStart + upToValue.length, isAlias: sysctlPath(key) === MAX_ALIAS });
    }
    lineStart += line.length + 1;
  }
  return found;
}

function settingOf(key: string): SettingName | undefined {
  const path = sysctlPath(key);
  return path === MAX_ALIAS ? 'max' : KEY.exec(path)?.[1];
}

/** If the first separator is a dot, dots separate components and slashes stand for dots. If it is a slash, the key is already a path. */
function sysctlPath(key: string): string {
  if (/[./]/.exec(key)?.[0] !== '.') return key;
  return key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}
