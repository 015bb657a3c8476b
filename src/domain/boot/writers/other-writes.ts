import type { BootInput, WriterFile, WriterProgram } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { commandWrites } from '../command-writes.ts';
import { procpsWrites, readProcpsSysctl } from '../parse/procps-sysctl.ts';
import type { SysctlFiles } from '../parse/sysctl-files.ts';
import { pathsOf } from '../parse/sysctl-key.ts';
import { udevCommands } from '../parse/udev-rule.ts';
import { commandWriters } from './command-writers.ts';
import { kubeProxyWrites } from './kube-proxy-writes.ts';
import { keyedLines } from './line-files.ts';
import type { OtherWrite } from './other-write.ts';
import { proxmoxWrites, sysctlFileWrites, sysfsWrites, tmpfilesSettings } from './plain-writers.ts';
import { tunedReapplies, tunedWrites } from './tuned-writes.ts';

const COMMANDS: readonly WriterProgram[] = ['unit', 'script', 'cron', 'ifupdown', 'cloud-init'];
const TUNED_MAIN = 'tuned-main.conf';

/** Everything that programs other than the sysctl run of the boot set, those that are not ordered after it first. */
export function otherWrites(sources: BootInput, found: SysctlFiles): readonly OtherWrite[] {
  const { files, kernel } = sources;
  const of = (...programs: readonly WriterProgram[]): readonly WriterFile[] =>
    (files.writers ?? []).filter(({ program }) => programs.includes(program));
  const existing = pathsOf(kernel.layout, kernel.live, files.formerPaths);
  const all = [
    ...udevWrites(sources, found),
    ...tmpfilesSettings(of('tmpfiles'), existing),
    ...of('ufw', 'vyos').flatMap(sysctlFileWrites),
    ...of('sysfs').flatMap(sysfsWrites),
    ...of('iptables-services').flatMap((writer) => iptablesWrites(sources, writer)),
    ...tuned(sources, of('tuned')),
    ...of(...COMMANDS).flatMap((writer) => commandWriters(sources, found, writer)),
    ...of('pve-firewall').flatMap(proxmoxWrites),
    ...kubeProxyWrites(of('kube-proxy')),
  ];
  return [...all.filter(({ order }) => order === 'unordered'), ...all.filter(({ order }) => order === 'late')];
}

/** Rules for other events than the loading of the module may run at any time. */
function udevWrites(sources: BootInput, found: SysctlFiles): readonly OtherWrite[] {
  if (sources.files.init === 'other') return [];
  const common = { program: 'udev', order: 'unordered', isCertain: false, loads: false } as const;
  return udevCommands(sources.files, sources.kernel.layout).atOtherEvents.flatMap(({ command, at }): readonly OtherWrite[] => {
    if (command.kind === 'assign')
      return [{ ...common, at, path: command.path, ...(command.value !== undefined && { value: command.value }) }];
    return commandWrites(sources, found, command, at).writes.map((write) => ({
      ...common,
      at,
      ...withSource(write.at, at),
      path: write.path,
      value: write.value,
    }));
  });
}

function withSource(line: BootLine, at: BootLine): { readonly source?: BootLine } {
  return line.path === at.path && line.line === at.line ? {} : { source: line };
}

function tuned(sources: BootInput, files: readonly WriterFile[]): readonly OtherWrite[] {
  const profiles = files.filter(({ file }) => !file.path.endsWith(TUNED_MAIN));
  const own = tunedWrites(profiles);
  const main = files.find(({ file }) => file.path.endsWith(TUNED_MAIN));
  const first = profiles.flatMap(({ file }) => keyedLines(file)).find(({ section }) => section === 'sysctl');
  if (first === undefined || !tunedReapplies(profiles, main)) return own;
  return [...own, ...administratorsWrites(sources, 'tuned', first.at)];
}

/** The values of sysctl files outside the directories of the distribution. */
function administratorsWrites({ files, kernel }: BootInput, program: string, at: BootLine): readonly OtherWrite[] {
  const directories = files.directories.filter(({ kind, path }) => kind === 'sysctl.d' && /^\/(etc|run)\//.test(path));
  const read = directories.toReversed().flatMap((directory) => directory.files.filter(({ path }) => path.endsWith('.conf')));
  const lines = [...read, ...(files.sysctlConf ? [files.sysctlConf] : [])].flatMap(readProcpsSysctl);
  return procpsWrites(lines, pathsOf(kernel.layout, kernel.live)).writes.map((write) => ({
    program,
    at,
    source: write.at,
    path: write.path,
    value: write.value,
    order: 'late',
    isCertain: true,
    loads: false,
  }));
}

/** Lines of /etc/sysctl.d that contain a word of the list are set again after the rules are loaded. */
function iptablesWrites(sources: BootInput, { file }: WriterFile): readonly OtherWrite[] {
  const settings = keyedLines(file);
  const list = settings.findLast(({ key }) => /^IP6?TABLES_SYSCTL_LOAD_LIST$/.test(key));
  const words = list?.value.split(/\s+/).filter((word) => word !== '') ?? [];
  if (list === undefined || words.length === 0) return [];
  const loads = settings.some(({ key, value }) => /^IP6?TABLES_MODULES$/.test(key) && /conntrack|nat/.test(value));
  return administratorsWrites(sources, 'iptables.service', list.at)
    .filter(({ source }) => words.some((word) => source?.text.includes(word)))
    .map((write) => ({ ...write, loads }));
}
