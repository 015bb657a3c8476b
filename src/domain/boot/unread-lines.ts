import { overrideLine, overrideWrites, type BootRun } from './boot-run.ts';
import type { BootLine, OverriddenReason } from './boot-line.ts';
import type { BootFile } from './boot-input.ts';
import { noteOtherName, noteParameters } from './findings/parameter-findings.ts';
import { noteUnreadFile } from './findings/unread-file-findings.ts';
import { noteCommandLineKeys, noteWrongKeys } from './findings/wrong-key-findings.ts';
import { orderFiles } from './parse/file-order.ts';
import { kernelArguments, type ArgumentSource } from './parse/kernel-arguments.ts';
import { kmodOptions } from './parse/kernel-command-line.ts';
import { describe } from './ledger.ts';
import type { LoadingPlan } from './loading.ts';
import { readAll } from './parse/modprobe-config.ts';
import type { ModprobeCommand } from './parse/modprobe-line.ts';
import { readParameters, settingsFrom } from './parse/module-parameters.ts';
import { readSystemdSysctl } from './parse/sysctl-line.ts';
import type { SysctlFiles } from './parse/sysctl-files.ts';

/** Records lines about connection tracking that the boot does not read, and why. */
export function noteUnread(run: BootRun, plan: LoadingPlan, found: SysctlFiles): void {
  noteSysctlConf(run, plan, found);
  for (const { file, by } of found.order.masked)
    overrideSysctl(run, file, 'file-masked', `${by.path} has the same name and higher precedence.`);
  for (const file of found.order.ignored) overrideSysctl(run, file, 'not-read', 'Only files with names that end in .conf are read.');
  const { sysctlConf, sysctlCredential } = run.sources.files;
  const bySystemd = sysctlCredential ? [...found.order.read, sysctlCredential] : found.order.read;
  const read = plan.scenario.init === 'systemd' ? bySystemd : found.procpsFiles;
  const isRead = sysctlConf === undefined || read.some(({ path, linkTo }) => (linkTo ?? path) === sysctlConf.path);
  noteWrongKeys(run, read);
  if (!isRead) noteWrongKeys(run, [sysctlConf]);
  noteCommandLineKeys(run, plan.scenario.builtIn);
  for (const { file, by } of plan.config.order.masked)
    overrideOptions(run, file, 'file-masked', `${by.path} has the same name and higher precedence.`);
  for (const file of plan.config.order.ignored) overrideOptions(run, file, 'not-read', 'Only files with names that end in .conf are read.');
  noteModprobeConf(run);
  noteOtherNames(run, plan);
  noteParameters(run, parametersGiven(run, plan));
  noteUnreadFiles(run);
}

/** A parameter of a built-in module comes from the command line only; lines of modprobe.d are reported as a whole. */
function parametersGiven({ sources: { files, kernel } }: BootRun, { scenario, options }: LoadingPlan): readonly ArgumentSource[] {
  if (!scenario.builtIn) return options;
  return kmodOptions(files.commandLine).filter(({ module }) => module === kernel.layout);
}

function noteUnreadFiles(run: BootRun): void {
  const { directories, misplaced = [] } = run.sources.files;
  for (const kind of ['sysctl.d', 'modprobe.d', 'modules-load.d', 'rules.d'] as const) {
    const suffixes = kind === 'rules.d' ? ['.rules'] : kind === 'modprobe.d' ? ['.conf', '.alias'] : ['.conf'];
    const ofKind = directories.filter((directory) => directory.kind === kind);
    for (const file of orderFiles(ofKind, suffixes).ignored) noteUnreadFile(run, kind, file);
  }
  for (const { kind, file } of misplaced) {
    if (kind === 'sysctl.d') overrideSysctl(run, file, 'not-read', 'No program of the boot reads this directory.');
    noteUnreadFile(run, kind, file, true);
  }
}

/** systemd reads sysctl.conf only through a link in sysctl.d. */
function noteSysctlConf(run: BootRun, { scenario }: LoadingPlan, { order }: SysctlFiles): void {
  const { sources, findings } = run;
  const { sysctlConf } = sources.files;
  const isRead = scenario.init === 'other' || order.read.some(({ linkTo }) => linkTo !== undefined && linkTo === sysctlConf?.path);
  if (sysctlConf === undefined || isRead) return;
  const lines = overrideSysctl(run, sysctlConf, 'not-read', 'systemd reads this file only through a link in sysctl.d, and no link exists.');
  if (lines.length === 0) return;
  const message = `${sysctlConf.path} sets conntrack settings, and the boot does not read it: no link in sysctl.d leads to it.`;
  findings.add('SYSCTL_CONF_NOT_READ', 'warning', message, { lines, remedy: 'Move the lines to a file in /etc/sysctl.d.' });
}

function noteModprobeConf(run: BootRun): void {
  const { sources, findings } = run;
  const { modprobeConf, modulesConf } = sources.files;
  if (sources.kernel.layout === 'ip_conntrack') return;
  for (const file of [modprobeConf, modulesConf]) {
    if (file === undefined) continue;
    const lines = overrideOptions(run, file, 'not-read', 'kmod does not read this file.');
    if (lines.length === 0) continue;
    const message = `${file.path} has options for the module, and kmod does not read that file.`;
    findings.add('MODPROBE_CONF_IGNORED', 'warning', message, { lines, remedy: 'Move the lines to a file in /etc/modprobe.d.' });
  }
}

/** Options under a former name of the module count only if it is loaded by that name. */
function noteOtherNames(run: BootRun, plan: LoadingPlan): void {
  const inEffect = new Set(plan.options.map(({ at }) => `${at.path}:${at.line}`));
  const others = plan.config.commands.filter(({ verb, subject }) => verb === 'options' && /^(ip|nf)_conntrack(_ipv[46])?$/.test(subject));
  for (const command of others) {
    if (command.subject === run.sources.kernel.layout || inEffect.has(`${command.at.path}:${command.at.line}`)) continue;
    overrideCommand(run, command, 'other-module-name', `The module is not loaded as ${command.subject}.`);
    noteOtherName(run, command.at, command.subject, command.rest);
  }
}

function overrideSysctl(run: BootRun, file: BootFile, reason: OverriddenReason, detail: string): readonly BootLine[] {
  const writes = readSystemdSysctl(file).lines.flatMap(({ value, ...line }) => (value === undefined ? [] : [{ ...line, value }]));
  const before = run.ledger.settings().flatMap(({ overridden }) => overridden).length;
  overrideWrites(run, { writes, dropped: [] }, reason, detail);
  return run.ledger.settings().flatMap(({ overridden }) => overridden).length === before
    ? []
    : writes.map(({ at }) => at).filter((at) => isOverridden(run, at));
}

function isOverridden({ ledger }: BootRun, at: BootLine): boolean {
  return ledger.settings().some(({ overridden }) => overridden.some(({ path, line }) => path === at.path && line === at.line));
}

function overrideOptions(run: BootRun, file: BootFile, reason: OverriddenReason, detail: string): readonly BootLine[] {
  const commands = readAll([file]).commands.filter(({ verb, subject }) => verb === 'options' && /^(ip|nf)_conntrack$/.test(subject));
  for (const command of commands) overrideCommand(run, command, reason, detail);
  return commands.map(({ at }) => at);
}

function overrideCommand(run: BootRun, { at, rest }: ModprobeCommand, reason: OverriddenReason, detail: string): void {
  const parameters = readParameters(kernelArguments([{ text: rest, at }]));
  const settings = settingsFrom(parameters, run.sources.kernel.bucketsPerPage).filter(
    ({ name }) => name !== 'max' && name !== 'expect_max',
  );
  for (const { name, value } of settings) run.ledger.override(name, at, reason, detail, value);
  if (parameters.refused.length > 0) overrideLine(run, 'buckets', at, undefined, reason, `${detail} ${describe(at)} is not understood.`);
}
