import { overrideLine, type BootRun } from '../boot-run.ts';
import type { BootFile } from '../boot-input.ts';
import { textOf } from '../parse/file-order.ts';
import { isGlob, matchesGlob } from '../parse/glob.ts';
import { intendedSetting, workingLine, type IntendedSetting } from '../parse/intended-setting.ts';
import { bootArguments } from '../parse/kernel-command-line.ts';
import { describe } from '../ledger.ts';
import { exchangeSeparators, pathsOf, settingAt } from '../parse/sysctl-key.ts';
import { readSystemdSysctl, type SysctlLine } from '../parse/sysctl-line.ts';

/** Modules that add settings when they are loaded. */
const ADDED_BY: Readonly<Record<string, string>> = {
  frag6: 'nf_defrag_ipv6',
  dccp: 'nf_conntrack_proto_dccp',
  sctp: 'nf_conntrack_proto_sctp',
  udplite: 'nf_conntrack_proto_udplite',
  gre: 'nf_conntrack_proto_gre',
};

/** Lines of sysctl files that are meant to set a setting of connection tracking, and whose key is not one of this kernel. */
export function noteWrongKeys(run: BootRun, files: readonly BootFile[]): void {
  const { layout, live } = run.sources.kernel;
  for (const file of files) noteWideCharacters(run, file);
  const lines = files.flatMap((file) => readSystemdSysctl(file).lines);
  // A later line `-key` without a value withdraws the key.
  const last = new Map(lines.map((line) => [line.path, line]));
  for (const line of lines) {
    if (last.get(line.path)?.value === undefined || line.value === undefined || hasEffect(run, line)) continue;
    const intended = isGlob(line.path) ? intendedGlob(line) : intendedSetting(layout, live, line.at.text);
    if (intended === undefined || mayComeLater(run, intended)) continue;
    report(run, line, intended);
  }
}

/** Editors of Windows can save as UTF-16, of which no program of the boot can read a line. */
function noteWideCharacters({ findings }: BootRun, file: BootFile): void {
  const text = textOf(file) ?? '';
  if (!/^(\xff\xfe|\xfe\xff)/.test(text) || !/conntrack/.test(text.replaceAll('\0', ''))) return;
  findings.add(
    'SYSCTL_KEY_UNKNOWN',
    'warning',
    `${file.path} has no effect: it is stored as UTF-16, which no program of the boot can read.`,
    {
      lines: [{ path: file.path, line: 1, text: (text.replaceAll('\0', '').split('\n')[0] ?? '').slice(2) }],
      remedy: 'Save the file as UTF-8 without a byte order mark.',
    },
  );
}

/** Sysctls on the kernel command line: they need the prefix `sysctl.`, and take effect only if connection tracking is built in. */
export function noteCommandLineKeys(run: BootRun, isBuiltIn: boolean): void {
  const { files, kernel } = run.sources;
  for (const { name: argument, value = '', at } of bootArguments(files.commandLine)) {
    // `module.parameter` is not meant as a sysctl.
    const [, prefix, key = ''] = /^(sysctl[./])?((?:net[./]|(?:nf|ip)_conntrack_(?!\w*\.)).*)$/.exec(argument) ?? [];
    const intended = intendedSetting(kernel.layout, kernel.live, `${key}=${value}`);
    const line = { at, path: exchangeSeparators(key), value, ignoresErrors: false };
    if (intended === undefined || (isBuiltIn && prefix !== undefined && hasEffect(run, line))) continue;
    const why = hasEffect(run, line) ? whyOnCommandLine(prefix) : intended.why;
    report(run, line, { ...intended, why }, isBuiltIn ? 'sysctl.' : '');
  }
}

function whyOnCommandLine(prefix: string | undefined): string {
  return prefix === undefined
    ? 'lacks the prefix sysctl., and the kernel ignores it'
    : 'is applied before the module is loaded, when the file to write does not exist';
}

function hasEffect({ sources: { files, kernel } }: BootRun, { path }: SysctlLine): boolean {
  const { layout, live } = kernel;
  if (isGlob(path)) return pathsOf(layout, live, files.formerPaths).some((each) => matchesGlob(path, each));
  const name = settingAt(layout, path, files.formerPaths);
  return name !== undefined && (live.length === 0 || live.includes(name));
}

function intendedGlob({ path, at }: SysctlLine): IntendedSetting | undefined {
  if (!/conntrack_/.test(path)) return undefined;
  return { written: at.text, why: 'matches no setting of this kernel' };
}

function mayComeLater({ sources: { files } }: BootRun, { name, written }: IntendedSetting): boolean {
  const module = ADDED_BY[written.split('_')[0] ?? ''];
  return name === undefined && module !== undefined && (files.modules === undefined || files.modules.dependencies.has(module));
}

function report(
  run: BootRun,
  { at, value, ignoresErrors }: SysctlLine,
  { name, why, ...meant }: IntendedSetting,
  onCommandLine = '',
): void {
  const { ledger, findings, sources } = run;
  const isParameter = at.path === sources.files.commandLine?.path;
  const message = `${isParameter ? at.text : describe(at)} has no effect: it ${why}.`;
  const working = name === undefined ? undefined : workingLine(sources.kernel.layout, name, meant.value);
  const current = name === undefined ? undefined : ledger.current(name);
  const isCovered = current?.effective !== undefined && current.value === meant.value;
  findings.add('SYSCTL_KEY_UNKNOWN', isCovered || ignoresErrors ? 'information' : 'warning', message, {
    settings: name === undefined ? [] : [name],
    lines: [at],
    remedy: working === undefined ? 'Remove the line.' : instead(working, isParameter, onCommandLine),
  });
  if (name === undefined) return;
  const text = meant.value === undefined ? value : String(meant.value);
  overrideLine(run, name, at, text, 'wrong-key', `The line ${why}.`);
}

function instead(working: string, isParameter: boolean, prefix: string): string {
  if (!isParameter) return `Write: ${working}`;
  return prefix === '' ? `Write in a file in /etc/sysctl.d: ${working}` : `Write: ${prefix}${working.replaceAll(' ', '')}`;
}
