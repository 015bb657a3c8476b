import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostBootSources } from '../../../src/boot-files/sources/host-boot-sources.ts';
import type { BootResult } from '../../../src/domain/boot/boot-result.ts';
import type { BootFile, BootFilesFound, BootInput } from '../../../src/domain/boot/boot-input.ts';
import { commandWrites } from '../../../src/domain/boot/command-writes.ts';
import { shellCommands } from '../../../src/domain/boot/parse/shell-commands.ts';
import { sysctlCommands } from '../../../src/domain/boot/parse/sysctl-command.ts';
import { readSysctl } from '../../../src/domain/boot/parse/kernel-value.ts';
import { loadingsOf, type Blacklisting, type LoadStep } from '../../../src/domain/boot/parse/kmod-steps.ts';
import { blacklistLine, modprobeConfig, optionsOf } from '../../../src/domain/boot/parse/modprobe-config.ts';
import { resolveBoot } from '../../../src/domain/boot/resolve-boot.ts';
import { byProcps, bySysctlService, sysctlFiles } from '../../../src/domain/boot/parse/sysctl-files.ts';
import { isGlob } from '../../../src/domain/boot/parse/glob.ts';
import { settingAt } from '../../../src/domain/boot/parse/sysctl-key.ts';
import { selectionOf } from '../../../src/domain/boot/parse/systemd-sysctl-command.ts';
import { readSystemdSysctl } from '../../../src/domain/boot/parse/sysctl-line.ts';
import { CREDENTIAL, SETTINGS } from './arbitrary-tree.ts';
import type { Host } from './try-trees.ts';
import { FIREWALLD_ARGUMENTS, procpsWritten, systemdWritten, type RealAnswer, type RealWrite } from './run-parsers.ts';

export interface Disagreement {
  readonly about: string;
  readonly ours: unknown;
  readonly real: unknown;
}

/** The differences between the preview and the real programs for the tree at `root`. */
export async function disagreements(
  root: string,
  { requested, sysctlArguments }: Host,
  real: RealAnswer,
  distort: (found: BootFilesFound) => BootFilesFound,
): Promise<readonly Disagreement[]> {
  const files = distort(await new HostBootSources(root).read('nf_conntrack'));
  // The parsers run now, not after a boot, so no directory is treated as being in memory.
  const sysctlCredential = await credentialIn(root);
  const found: BootFilesFound = { ...files, init: 'systemd', inMemory: '/nothing', ...(sysctlCredential && { sysctlCredential }) };
  const sources: BootInput = {
    files: found,
    kernel: { layout: 'nf_conntrack', builtIn: true, live: SETTINGS, bucketsPerPage: 512, bucketsWritable: true },
  };
  return [...compareSysctls(sources, sysctlArguments, real), ...compareModules(found, requested, real)];
}

/** The unit of this systemd does not ask for a credential, so the service itself does not read it from the tree. */
async function credentialIn(root: string): Promise<BootFile | undefined> {
  const text = await readFile(join(root, CREDENTIAL), 'latin1').catch(() => undefined);
  return text === undefined ? undefined : { path: CREDENTIAL, content: { kind: 'text', text } };
}

function compareSysctls(sources: BootInput, sysctlArguments: readonly string[], real: RealAnswer): readonly Disagreement[] {
  const sysctls = sysctlFiles(sources);
  const [systemd, procps] = [systemdWritten(real.systemd), procpsWritten(real.procps)];
  const selection = selectionOf(sysctlArguments);
  const preview = resolveBoot({ ...sources, files: { ...sources.files, commandLine: { path: '/proc/cmdline', text: '' } } });
  return [
    ...differ('what systemd-sysctl writes', grouped(bySysctlService(sysctls, sources).writes), grouped(systemd)),
    ...differ(
      `what it writes with ${sysctlArguments.join(' ')}`,
      grouped((selection === undefined ? [] : bySysctlService(sysctls, sources, selection).writes).filter(({ path }) => exists(path))),
      grouped(systemdWritten(real.selected).filter(({ path }) => exists(path))),
    ),
    ...differ(
      'what sysctl --system writes',
      grouped(byProcps(sysctls, sources).writes.filter(({ path }) => exists(path))),
      grouped(procps),
    ),
    ...differ('what firewalld writes', written(sources, FIREWALLD_ARGUMENTS), grouped(procpsWritten(real.firewalld))),
    ...differ('what sysctl -p writes', written(sources, '-p'), grouped(procpsWritten(real.loaded))),
    ...differ('the values after the boot', values(preview), endOf(systemd)),
    ...differ('keys that do not exist', unknownKeys(preview), missing(systemd)),
    ...differ(
      'lines that are not an assignment',
      sysctls.notUnderstood.length,
      [...real.systemd.matchAll(/Line is not an assignment/g)].length,
    ),
    ...(mustFail(sysctls) ? differ('whether systemd-sysctl fails', true, real.systemdFails) : []),
    ...differ('the values of procps', procpsValues(preview), endOf(procps)),
  ];
}

/** What the preview expects sysctl to write with these arguments. */
function written(sources: BootInput, options: string): ReturnType<typeof grouped> {
  const at = { path: '/command', line: 1, text: options };
  const commands = shellCommands(`/sbin/sysctl ${options}`).flatMap(sysctlCommands);
  const writes = commands.flatMap((command) => commandWrites(sources, sysctlFiles(sources), command, at).writes);
  return grouped(writes.filter(({ path }) => exists(path)));
}

/** Keys of lines that the preview reports, without globs. Those of DCCP depend on the modules of the tree. */
function unknownKeys({ findings }: BootResult): readonly string[] {
  const reported = findings.filter(({ code }) => code === 'SYSCTL_KEY_UNKNOWN').flatMap((finding) => finding.lines);
  // systemd does not read it, except through a link.
  const lines = reported.filter(({ path }) => path !== '/etc/sysctl.conf');
  const read = lines.flatMap(({ path, line, text }) =>
    readSystemdSysctl({ path, content: { kind: 'text', text: `${'\n'.repeat(line - 1)}${text}` } }).lines.map((each) => each.path),
  );
  return [...new Set(read.filter((path) => !isGlob(path) && !/dccp/.test(path)))].sort();
}

/** Keys about connection tracking that systemd-sysctl tries to write, and whose file does not exist. */
function missing(writes: readonly RealWrite[]): readonly string[] {
  const about = writes.filter(({ path, value }) => isAbout(`${path}=${value}`) && !exists(path));
  return [...new Set(about.map(({ path }) => path))].sort();
}

/** Broader than the rules of the preview on purpose. Another module may add the settings of DCCP. */
function isAbout(text: string): boolean {
  return (
    !/dccp/.test(text) &&
    /conntrack[_./-][a-z]|hash_?size|^options\s+(nf|ip)[_-]conntrack\s.*\w$/i.test(text.split('=')[0] ?? '') &&
    !/^(--|!|\/\/)/.test(text) &&
    !/_count$/.test(text)
  );
}

/** As far as the files determine it. */
function mustFail({ notUnderstood, order }: ReturnType<typeof sysctlFiles>): boolean {
  // A faulty line of a credential is logged only.
  return notUnderstood.some(({ path }) => path !== CREDENTIAL) || order.read.some(({ content }) => content.kind === 'irregular');
}

function compareModules(files: BootFilesFound, requested: readonly string[], { config, steps }: RealAnswer): readonly Disagreement[] {
  if (hasUndefinedOrder(files)) return [];
  const modprobe = modprobeConfig(files, 'nf_conntrack');
  const lines = config.split('\n');
  const of = (prefix: string): readonly string[] =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  const names = ['nf_conntrack', 'ip_conntrack', 'nf_conntrack_ipv4', 'nf_nat'];
  const blacklisted = (name: string): boolean => blacklistLine(modprobe, name) !== undefined;
  return [
    ...names.flatMap((name) =>
      differ(
        `the options of ${name}`,
        optionsOf(modprobe, [name]).map(({ text }) => text),
        of(`options ${name} `),
      ),
    ),
    ...names.flatMap((name) => differ(`whether ${name} is blacklisted`, blacklisted(name), of('blacklist ').includes(name))),
    ...(['aliases', 'every-name'] as const).flatMap((blacklisting) =>
      requested.flatMap((name, index) =>
        differ(`how ${name} is loaded (${blacklisting})`, shown(name, files, blacklisting), realSteps(steps[blacklisting][index] ?? '')),
      ),
    ),
  ];
}

/**
 * kmod 30 does not check whether fstatat(2) succeeds (conf_files_filter_out), so it takes a link that leads to nothing for what it found before:
 * after a directory it does not see the link, and the order of the two is that of the file system.
 */
function hasUndefinedOrder({ directories }: BootFilesFound): boolean {
  const kinds = directories.filter(({ kind }) => kind === 'modprobe.d').map(({ files }) => files.map(({ content }) => content.kind));
  return kinds.some((each) => each.includes('dangling') && each.includes('irregular'));
}

function shown(name: string, files: BootFilesFound, blacklisting: Blacklisting): readonly string[] {
  const { modules } = files;
  if (modules === undefined) throw new Error('expected the lists of depmod');
  return loadingsOf(name, modprobeConfig(files, 'nf_conntrack'), modules, blacklisting).flatMap(({ steps }) => steps.map(shownStep));
}

function shownStep({ module, options, install }: LoadStep): string {
  const given = options.map(({ text }) => text).join(' ');
  return (install === undefined ? `insmod ${module} ${given}` : `install ${install.rest} ${given}`).trimEnd();
}

function realSteps(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('builtin '))
    .map((line) => line.replace(/^insmod \S*\/([^/ ]+)\.ko/, 'insmod $1').trimEnd());
}

/** A glob also matches these directories, which cannot be written. */
const PARENTS = new Set(['', 'kernel', 'net', 'net/netfilter']);

/** Writes in order, grouped by setting, because the order of different settings does not matter. */
function grouped(writes: readonly RealWrite[]): Readonly<Record<string, readonly string[]>> {
  const groups: Record<string, string[]> = {};
  for (const { path, value } of writes)
    if (!PARENTS.has(path)) (groups[settingAt('nf_conntrack', path) ?? path] ??= []).push(`${path} ${value}`);
  return Object.fromEntries(Object.entries(groups).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function exists(path: string): boolean {
  const name = settingAt('nf_conntrack', path);
  return name !== undefined && SETTINGS.includes(name);
}

/** The values in the kernel after the real writes: the last one that it accepts. */
function endOf(writes: readonly RealWrite[]): Readonly<Record<string, number>> {
  const end = new Map<string, number>();
  for (const { path, value } of writes) {
    const name = settingAt('nf_conntrack', path);
    if (name === undefined || !exists(path)) continue;
    const read = readSysctl(name, value, { perPage: 512 });
    if (read.kind === 'accepted') end.set(name, read.value);
  }
  return Object.fromEntries([...end].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function values({ settings }: BootResult): Readonly<Record<string, number>> {
  return Object.fromEntries(settings.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

function procpsValues({ settings }: BootResult): Readonly<Record<string, number>> {
  const all = settings.map(({ name, value, procps }) => [name, procps === undefined ? value : procps.value] as const);
  return Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function differ(about: string, ours: unknown, real: unknown): readonly Disagreement[] {
  return JSON.stringify(ours) === JSON.stringify(real) ? [] : [{ about, ours, real }];
}
