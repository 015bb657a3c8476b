import type { SettingName } from '../setting.ts';
import type { BootLine, OverriddenReason } from './boot-line.ts';
import type { BootInput } from './boot-input.ts';
import { UNIT_FAILS, type Findings } from './findings/finding-list.ts';
import { readSysctl, type KernelReading } from './parse/kernel-value.ts';
import { workingLine } from './parse/intended-setting.ts';
import { plainNumber } from './parse/plain-number.ts';
import { describe, Ledger } from './ledger.ts';
import { settingAt, type SysctlPath } from './parse/sysctl-key.ts';
import type { DroppedLine, SysctlWrite, SysctlWrites } from './parse/sysctl-writes.ts';

/** The state of one simulated boot. */
export interface BootRun {
  readonly sources: BootInput;
  readonly ledger: Ledger;
  readonly findings: Findings;
}

export function newRun(sources: BootInput, findings: Findings): BootRun {
  const ledger = new Ledger();
  const { live, defaults = {} } = sources.kernel;
  for (const name of live) ledger.begin(name, Object.hasOwn(defaults, name) ? defaults[name] : undefined);
  return { sources, ledger, findings };
}

/** Applies what a sysctl run writes while connection tracking is loaded. */
export function applyWrites(run: BootRun, { writes, dropped }: SysctlWrites): void {
  for (const { line, path, reason, by } of dropped) {
    const name = settingOf(run, path);
    if (name !== undefined) overrideLine(run, name, line.at, line.value, reason, explain(reason, by));
  }
  for (const write of writes) {
    const name = settingOf(run, write.path);
    if (name !== undefined) applyWrite(run, name, write);
  }
}

/** Records lines of a sysctl run that are not effective: there is nothing to write to, or their file is not read. */
export function overrideWrites(run: BootRun, { writes, dropped }: SysctlWrites, reason: OverriddenReason, detail: string): void {
  const lines = [...dropped.map(({ line, path }) => ({ at: line.at, value: line.value, path })), ...writes];
  for (const { at, value, path } of lines) {
    const name = settingOf(run, path);
    if (name !== undefined) overrideLine(run, name, at, value, reason, detail);
  }
}

export function overrideLine(
  { ledger, sources }: BootRun,
  name: SettingName,
  at: BootLine,
  text: string | undefined,
  reason: OverriddenReason,
  detail: string,
): void {
  const value = text === undefined ? undefined : valueOf(reading(sources, name, text));
  ledger.override(name, at, reason, detail, value);
}

function applyWrite(run: BootRun, name: SettingName, { at, value: text, ignoresErrors }: SysctlWrite): void {
  const { ledger, sources, findings } = run;
  const { kernel } = sources;
  if (!kernel.live.includes(name)) {
    overrideLine(run, name, at, text, 'setting-absent', 'This kernel does not have the setting.');
    return;
  }
  if (name === 'buckets' && !kernel.bucketsWritable) {
    overrideLine(run, name, at, text, 'refused-by-kernel', 'This kernel only shows the buckets there and does not accept a value.');
    return;
  }
  const read = reading(sources, name, text);
  switch (read.kind) {
    case 'accepted':
      noteSpelling(run, name, at, read);
      ledger.set(name, { setBy: 'sysctl', origin: 'file', value: read.value, effective: at });
      break;
    case 'uncertain':
      findings.add('BOOT_UNKNOWN', 'warning', `${describe(at)}: ${read.why}.`, { settings: [name], lines: [at] });
      ledger.set(name, { setBy: 'sysctl', origin: 'unknown', effective: at });
      break;
    case 'refused':
      overrideLine(run, name, at, text, 'refused-by-kernel', `${read.why}.`);
      noteRefusal(run, name, { at, text, ignoresErrors }, read);
  }
}

type Accepted = Extract<KernelReading, { kind: 'accepted' }>;

function noteRefusal(
  { findings, sources }: BootRun,
  name: SettingName,
  { at, text, ignoresErrors }: { readonly at: BootLine; readonly text: string; readonly ignoresErrors: boolean },
  read: Extract<KernelReading, { kind: 'refused' }>,
): void {
  const meant = read.outOfRange ? undefined : plainNumber(name, text);
  const remedy = meant === undefined ? 'Correct or remove the line.' : `Write: ${workingLine(sources.kernel.layout, name, meant)}`;
  const about = { settings: [name], lines: [at], remedy };
  const code = read.outOfRange ? 'VALUE_OUT_OF_RANGE' : 'LINE_NOT_UNDERSTOOD';
  findings.add(code, 'error', `${describe(at)}: ${read.why}; the line has no effect.`, about);
  if (!ignoresErrors) findings.add('SYSCTL_UNIT_FAILS', 'warning', UNIT_FAILS, { lines: [at], settings: [name] });
}

function noteSpelling({ findings, sources }: BootRun, name: SettingName, at: BootLine, read: Accepted): void {
  const remedy = `Write the plain decimal number alone: ${workingLine(sources.kernel.layout, name, read.value)}`;
  const about = { settings: [name], lines: [at], remedy };
  if (read.octal)
    findings.add('OCTAL_VALUE', 'warning', `${describe(at)}: because of the leading 0 the kernel reads it as octal: ${read.value}.`, about);
  if (read.cut)
    findings.add('VALUE_CUT_SHORT', 'warning', `${describe(at)}: the kernel reads only the part before the blank: ${read.value}.`, about);
}

function reading({ kernel, files }: BootInput, name: SettingName, text: string): KernelReading {
  const { ticksPerSecond } = files;
  return readSysctl(name, text, { perPage: kernel.bucketsPerPage, ...(ticksPerSecond !== undefined && { ticksPerSecond }) });
}

function valueOf(read: KernelReading): number | undefined {
  return read.value;
}

function settingOf({ sources }: BootRun, path: SysctlPath): SettingName | undefined {
  return settingAt(sources.kernel.layout, path, sources.files.formerPaths);
}

function explain(reason: DroppedLine['reason'], by: BootLine): string {
  switch (reason) {
    case 'repeats-earlier-value':
      return `${describe(by)} sets the same value already and keeps its place.`;
    case 'excluded':
      return `${describe(by)} names the key itself.`;
    case 'overridden-by-later-line':
      return `${describe(by)} comes later.`;
  }
}
