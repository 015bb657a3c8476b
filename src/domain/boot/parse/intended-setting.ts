import type { Layout } from '../../layout.ts';
import type { SettingName } from '../../setting.ts';
import { keyOf } from './sysctl-key.ts';
import { plainNumber } from './plain-number.ts';

/** What a line that sets nothing was meant to set. */
export interface IntendedSetting {
  /** Absent if this kernel has no such setting, and none with a similar name. */
  readonly name?: SettingName;
  /** The name of the setting as written, without a prefix. */
  readonly written: string;
  /** Absent if it is not clear which number was meant. */
  readonly value?: number;
  /** Why the line has no effect: the rest of a sentence that begins with the line. */
  readonly why: string;
}

const BYTE_ORDER_MARK = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/;
/** No-break spaces, zero-width and wide blanks as UTF-8 and, the first, as latin1; control characters that only a shell takes for blanks. */
const FALSE_BLANK = /\xc2\xa0|\xe2\x80[\x80-\x8f\xaf]|\xe3\x80\x80|[\xa0\v\f]/g;
const FALSE_QUOTE = /\xe2\x80[\x98-\x9f]/g;

const ECHO =
  /\becho\s+(?:-\w+\s+)*["']?([^"'\s>]+)["']?\s*(?:>{1,2}|\|\s*(?:sudo\s+)?tee(?:\s+-a)?)\s*["']?(\/(?:proc|sys)\/\S+?)["']?\s*$/;
/** Characters. The time to match a line can grow with the square of its length, and nobody writes a longer one. */
const LINE_MAX = 512;
/** A line of modprobe.d: the number of buckets or the first parameter, nothing, and the value. */
const OPTIONS = /^(options\s+(?:nf|ip)[_-]conntrack\s(?:.*?\bhash_?size(?=\s*=)|[^=]*?\b\w+))()\s*=\s*(\S*)/;
/** The key, nothing, and the value. */
const ASSIGNMENT = /^([^=]*?(?:conntrack[_./-]\w+|(?<!\w)hash_?size))["']?()[ \t]*(?:[=:]+|[ \t]|$)[ \t]*(.*)$/i;
/** The key up to the name of a setting, what follows it, and the value. */
const SPOILED_ASSIGNMENT = /^([^=]*?conntrack[_./-]\w+)([^\w\s=][^=]*?)[ \t]*=+[ \t]*(.*)$/i;
const ASSIGNMENTS = [OPTIONS, ASSIGNMENT, SPOILED_ASSIGNMENT];
const NAME = /(?:conntrack[_./-](?:parameters\/)?|^options\s.*\s)(\w+)$|(?<!\w)(hash_?size)$/i;

/** @param names the settings of this kernel; empty if they are unknown */
export function intendedSetting(layout: Layout, names: readonly SettingName[], line: string): IntendedSetting | undefined {
  if (line.length > LINE_MAX) return undefined;
  const clean = line.replace(BYTE_ORDER_MARK, '').replaceAll('\0', '').replace(FALSE_BLANK, ' ').replace(FALSE_QUOTE, '"').trim();
  // A comment in the style of another language is meant as one.
  if (/^(\/\/|--|!)/.test(clean)) return undefined;
  const [, echoed, file] = ECHO.exec(clean) ?? [];
  const [, key = '', after = '', text = ''] =
    file === undefined ? (ASSIGNMENTS.map((form) => form.exec(clean)).find((match) => match !== null) ?? []) : ['', file, '', echoed];
  const [, suffix, hashsize] = NAME.exec(key) ?? [];
  if (suffix === undefined && hashsize === undefined) return undefined;
  const written = (suffix ?? hashsize ?? '').toLowerCase();
  const name = nearest(/^hash_?size$/.test(written) ? 'buckets' : written, names);
  const value = plainNumber(name ?? written, text);
  return {
    written,
    ...(name !== undefined && { name }),
    ...(value !== undefined && { value }),
    why: why(layout, { line, clean, key, after, written, name }),
  };
}

/** The line of sysctl.d that sets the value. */
export function workingLine(layout: Layout, name: SettingName, value: number | undefined): string {
  return `${keyOf(layout, name)} = ${value ?? 'NUMBER'}`;
}

interface Clues {
  readonly line: string;
  readonly clean: string;
  readonly key: string;
  readonly after: string;
  readonly written: string;
  readonly name: SettingName | undefined;
}

function why(layout: Layout, { line, clean, key, after, written, name }: Clues): string {
  const right = name === undefined ? undefined : keyOf(layout, name);
  if (BYTE_ORDER_MARK.test(line)) return 'begins with a byte order mark, which becomes a part of the key';
  if (clean !== line.trim()) return 'contains a character that looks like a blank or a quote and is not one';
  if (/(^|[\s/])sysctl\s/.test(clean) || /^\W*(echo|sudo|export)\s/.test(clean)) return 'is a command for a shell, not an assignment';
  if (/^options\s/.test(clean) || /parameters\//.test(key)) return 'sets a parameter of a module, which belongs in /etc/modprobe.d';
  if (/hash_?size/.test(written)) return 'names a parameter of the module; the sysctl is called buckets';
  if (written === 'count') return 'names the number of entries, which can only be read';
  if (/^\W*proc[/.]sys[/.]/.test(key)) return 'names a file; a key is the path below /proc/sys';
  if (/["']/.test(key)) return 'has its key in quotes, which become a part of the key';
  if (after !== '') return `has the characters ${after} after the name of the setting, which become a part of the key`;
  if (right === undefined) return `names the setting ${written}, which this kernel does not have`;
  if (written !== name) return `names the setting ${written}, which this kernel does not have; ${name} has a similar name`;
  if (key.replace(/^-/, '').toLowerCase() === right) return 'has its key in another case, and keys are case-sensitive';
  if (!/[=]/.test(clean)) return 'has no equals sign';
  if (/^-?net[./]+ipv[46][./]/.test(key) || /(ip|nf)_conntrack/.test(key))
    return `has a key that this kernel does not have; the setting is ${right}`;
  return 'does not have the full key';
}

/** Protocols that a kernel may lack: their settings are not misspelled ones of another protocol. */
const OPTIONAL_PROTOCOL = /^(dccp|sctp|gre|udplite|icmpv6|frag6)_/;

/** The name itself, or the only one that differs from it in one or two letters. */
function nearest(written: string, names: readonly SettingName[]): SettingName | undefined {
  if (names.length === 0 || names.includes(written)) return written;
  if (OPTIONAL_PROTOCOL.test(written)) return undefined;
  for (const distance of written.length > 5 ? [1, 2] : [1]) {
    const close = names.filter((name) => edits(written, name) <= distance);
    if (close.length > 0) return close.length === 1 ? close[0] : undefined;
  }
  return undefined;
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [at, character] of Array.from(a).entries()) {
    const next = [at + 1];
    for (const [index, other] of Array.from(b).entries())
      next.push(Math.min((next[index] ?? 0) + 1, (row[index + 1] ?? 0) + 1, (row[index] ?? 0) + (character === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
