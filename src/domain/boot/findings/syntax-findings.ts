import type { BootLine } from '../boot-line.ts';
import type { BootFile, BootInput } from '../boot-input.ts';
import { orderFiles, type FileOrder } from '../parse/file-order.ts';
import { UNIT_FAILS, type Findings } from './finding-list.ts';
import { describe } from '../ledger.ts';
import { intendedSetting, workingLine } from '../parse/intended-setting.ts';
import { repeatedHashsize } from '../load-now.ts';
import { loadRequests } from '../parse/load-requests.ts';
import { modprobeConfig } from '../parse/modprobe-config.ts';
import { leadsNowhere } from '../parse/module-names.ts';
import { sysctlFiles } from '../parse/sysctl-files.ts';
import { readSystemdSysctl } from '../parse/sysctl-line.ts';

const ABOUT_CONNTRACK = /conntrack/;

/** Findings about lines that the programs of the boot cannot parse, and files that this service cannot read. */
export function noteSyntax(findings: Findings, sources: BootInput): void {
  const { files, kernel } = sources;
  noteSysctlSyntax(findings, sources);
  const config = modprobeConfig(files, kernel.layout);
  for (const at of config.notUnderstood.filter(({ text }) => ABOUT_CONNTRACK.test(text)))
    findings.add('LINE_NOT_UNDERSTOOD', 'warning', `${describe(at)}: kmod cannot parse the line and ignores it.`, {
      lines: [at],
      ...remedyFor(sources, at.text),
    });
  for (const request of loadRequests(files, files.init === 'other' ? 'other' : 'systemd')) {
    if (!leadsNowhere(request, config, files)) continue;
    const message = `${describe(request.at)}: this kernel has no module ${request.name}, so systemd-modules-load will report a failure.`;
    const { remedy = 'Name nf_conntrack instead.' } = request.name.includes('=') ? remedyFor(sources, request.name) : {};
    findings.add('MODULES_LOAD_FAILS', 'warning', message, { lines: [request.at], remedy });
  }
  const repeated = repeatedHashsize(sources);
  if (repeated.length > 0) {
    const message = `${repeated.map(describe).join(' and ')} give hashsize: Linux ${kernel.release ?? ''} may crash when it loads the module with two.`;
    findings.add('LOAD_MAY_CRASH', 'error', message, { settings: ['buckets'], lines: repeated, remedy: 'Keep one of the lines.' });
  }
  for (const file of unreadableElsewhere(sources)) {
    const reason = file.content.kind === 'unreadable' ? file.content.reason : '';
    findings.add('FILE_UNREADABLE', 'warning', `The boot reads ${file.path}, and this service cannot read it (${reason}).`);
  }
  for (const { path, unreadable } of files.directories)
    if (unreadable !== undefined)
      findings.add('FILE_UNREADABLE', 'warning', `The boot reads files in ${path}, and this service cannot list it (${unreadable}).`);
}

function noteSysctlSyntax(findings: Findings, sources: BootInput): void {
  const found = sysctlFiles(sources);
  const { files, kernel } = sources;
  const isSystemd = files.init !== 'other' && kernel.layout === 'nf_conntrack';
  const notUnderstood = isSystemd ? found.notUnderstood : found.procpsFiles.flatMap((file) => readSystemdSysctl(file).notUnderstood);
  for (const at of notUnderstood) {
    if (ABOUT_CONNTRACK.test(at.text)) {
      const { remedy = 'Write key = value.' } = remedyFor(sources, at.text);
      findings.add('LINE_NOT_UNDERSTOOD', 'warning', `${describe(at)} is not an assignment and is ignored.`, { lines: [at], remedy });
    }
    if (isSystemd) findings.add('SYSCTL_UNIT_FAILS', 'warning', UNIT_FAILS, { lines: [at] });
  }
  if (!isSystemd) return;
  for (const irregular of found.order.read.filter(({ content }) => content.kind === 'irregular'))
    findings.add('SYSCTL_UNIT_FAILS', 'warning', UNIT_FAILS, { lines: [wholeOf(irregular)] });
}

/** The line that has the effect that a line of the wrong form is meant to have, and where it belongs. */
function remedyFor({ kernel: { layout, live } }: BootInput, text: string): { readonly remedy?: string } {
  const { name, value } = intendedSetting(layout, live, text) ?? {};
  if (name === undefined) return {};
  if (/hash_?size/i.test(text)) return { remedy: `Write in a file in /etc/modprobe.d: options ${layout} hashsize=${value ?? 'NUMBER'}` };
  return { remedy: `Write in a file in /etc/sysctl.d: ${workingLine(layout, name, value)}` };
}

function unreadableElsewhere({ files }: BootInput): readonly BootFile[] {
  const orders: readonly FileOrder[] = [
    orderFiles(
      files.directories.filter(({ kind }) => kind === 'modules-load.d'),
      ['.conf'],
    ),
    orderFiles(
      files.directories.filter(({ kind }) => kind === 'rules.d'),
      ['.rules'],
    ),
  ];
  return orders.flatMap(({ read }) => read).filter(({ content }) => content.kind === 'unreadable');
}

function wholeOf({ path }: BootFile): BootLine {
  return { path, line: 1, text: '' };
}
