import type { BootLine } from '../boot-line.ts';
import type { BootFile, BootInput } from '../boot-input.ts';
import { orderFiles, type FileOrder } from '../parse/file-order.ts';
import { UNIT_FAILS, type Findings } from './finding-list.ts';
import { describe } from '../ledger.ts';
import { loadRequests } from '../parse/load-requests.ts';
import { modprobeConfig } from '../parse/modprobe-config.ts';
import { leadsNowhere } from '../parse/module-names.ts';
import { sysctlFiles } from '../parse/sysctl-files.ts';

const ABOUT_CONNTRACK = /conntrack/;

/** Findings about lines that the programs of the boot cannot parse, and files that this service cannot read. */
export function noteSyntax(findings: Findings, sources: BootInput): void {
  const { files, kernel } = sources;
  if (files.init !== 'other' && kernel.layout === 'nf_conntrack') noteSysctlSyntax(findings, sources);
  const config = modprobeConfig(files, kernel.layout);
  for (const at of config.notUnderstood.filter(({ text }) => ABOUT_CONNTRACK.test(text)))
    findings.add('LINE_NOT_UNDERSTOOD', 'warning', `${describe(at)}: kmod cannot parse the line and ignores it.`, {
      lines: [at],
    });
  for (const request of loadRequests(files, files.init === 'other' ? 'other' : 'systemd')) {
    if (!leadsNowhere(request, config, files)) continue;
    const message = `${describe(request.at)}: this kernel has no module ${request.name}, so systemd-modules-load will report a failure.`;
    findings.add('MODULES_LOAD_FAILS', 'warning', message, { lines: [request.at], remedy: 'Name nf_conntrack instead.' });
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
  for (const at of found.notUnderstood) {
    if (ABOUT_CONNTRACK.test(at.text))
      findings.add('LINE_NOT_UNDERSTOOD', 'warning', `${describe(at)} is not an assignment and is ignored.`, {
        lines: [at],
        remedy: 'Write key = value.',
      });
    findings.add('SYSCTL_UNIT_FAILS', 'warning', UNIT_FAILS, { lines: [at] });
  }
  for (const irregular of found.order.read.filter(({ content }) => content.kind === 'irregular'))
    findings.add('SYSCTL_UNIT_FAILS', 'warning', UNIT_FAILS, { lines: [wholeOf(irregular)] });
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
