import type { FileContent } from '../domain/change.ts';
import type { SettingName, SettingValues } from '../domain/setting.ts';
import { kernelNumber } from './kernel-number.ts';
import { appendLine, BLANK, removeLines, splice } from './lines.ts';

/** Up to the value, the key, and the value's first word, which is all the kernel reads. After sysctl.conf(5) of procps. */
const ASSIGNMENT = new RegExp(`^(${BLANK}*-?${BLANK}*([\\w./-]+)${BLANK}*=${BLANK}*)([^ \\t\\v\\f\\r]+)`);
const KEY = /^net\/ipv4\/netfilter\/ip_conntrack_(\w+)$/;
const MAX_ALIAS = 'net/ipv4/ip_conntrack_max';
/** The kernel refuses to write these, so a line that tries asks for nothing. */
const READ_ONLY = new Set(['buckets', 'count']);

interface Assignment {
  readonly name: SettingName;
  readonly value: string;
  /** Where the value begins in the whole text. */
  readonly start: number;
}

/** The legacy settings that /etc/sysctl.conf asks for. The last line for a setting wins; one that is no integer asks for nothing. */
export function sysctlConfValues(text: FileContent): SettingValues {
  const winners = new Map(assignmentsIn(text ?? '').map(({ name, value }) => [name, kernelNumber(value)]));
  return Object.fromEntries([...winners].filter((entry): entry is [SettingName, number] => entry[1] !== undefined));
}

/** Makes /etc/sysctl.conf ask for `value`: only the value of the line that wins changes; without such a line one is added. */
export function setInSysctlConf(text: FileContent, name: SettingName, value: number): string {
  const content = text ?? '';
  const winner = assignmentsIn(content).findLast((assignment) => assignment.name === name);
  if (winner === undefined) return appendLine(content, `net.ipv4.netfilter.ip_conntrack_${name} = ${value}`);
  if (kernelNumber(winner.value) === value) return content;
  return splice(content, winner.start, winner.start + winner.value.length, String(value));
}

/** Takes out the line that wins for the setting; an earlier one then wins. */
export function removeFromSysctlConf(text: FileContent, name: SettingName): FileContent {
  const winner = assignmentsIn(text ?? '').findLast((assignment) => assignment.name === name);
  return text === null || winner === undefined ? text : removeLines(text, winner.start, winner.start + winner.value.length);
}

function assignmentsIn(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  let lineStart = 0;
  for (const line of text.split('\n')) {
    const [, upToValue = '', key = '', value = ''] = ASSIGNMENT.exec(line) ?? [];
    const name = settingOf(key);
    if (name !== undefined && !READ_ONLY.has(name)) found.push({ name, value, start: lineStart + upToValue.length });
    lineStart += line.length + 1;
  }
  return found;
}

function settingOf(key: string): SettingName | undefined {
  const path = sysctlPath(key);
  return path === MAX_ALIAS ? 'max' : KEY.exec(path)?.[1];
}

/** The first separator decides: after a dot, dots part the path and slashes stand for dots; after a slash it is a path already. */
export function sysctlPath(key: string): string {
  if (/[./]/.exec(key)?.[0] !== '.') return key;
  return key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}
