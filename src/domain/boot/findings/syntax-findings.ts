import type { BootLine } from '../boot-line.ts';
import type { BootFile, BootInput } from '../boot-input.ts';
import { orderFiles, type FileOrder } from '../parse/file-order.ts';
import type { Findings } from './finding-list.ts';
import { describe } from '../ledger.ts';
import { loadRequests } from '../parse/load-requests.ts';
import { modprobeConfig } from '../parse/modprobe-config.ts';
import { leadsNowhere } from '../parse/module-names.ts';
import { sysctlFiles } from '../parse/sysctl-files.ts';

const ABOUT_CONNTRACK = /conntrack/;

/** Lines that programs of the boot stumble over, and files that they cannot read. */
export function noteSyntax(findings: Findings, sources: BootInput): void {
  const { files, kernel } = sources;
  if (files.init !== 'other' && kernel.layout === 'nf_conntrack') noteSysctlSyntax(findings, sources);
  const config = modprobeConfig(files, kernel.layout);
  for (const at of config.notUnderstood.filter(({ text }) => ABOUT_CONNTRACK.test(text)))
    findings.add('LINE_NOT_UNDERSTOOD', 'warning', `${describe(at)}: kmod does not understand the line, and passes it over.`, {
      lines: [at],
    });
  for (const request of loadRequests(files, files.init === 'other' ? 'other' : 'systemd')) {
    if (!leadsNowhere(request.name, config, files.modules)) continue;
    const message = `${describe(request.at)}: this kernel has no module ${request.name}; loading modules at boot reports a failure.`;
    findings.add('MODULES_LOAD_FAILS', 'warning', message, { lines: [request.at], remedy: 'Ask for nf_conntrack instead.' });
  }
  for (const file of unreadableElsewhere(sources)) {
    const reason = file.content.kind === 'unreadable' ? file.content.reason : '';
    findings.add('FILE_UNREADABLE', 'warning', `${file.path} takes part in the boot and cannot be read here (${reason}).`);
  }
  for (const { path, unreadable } of files.directories)
    if (unreadable !== undefined) findings.add('FILE_UNREADABLE', 'warning', `${path} cannot be listed here (${unreadable}).`);
}

function noteSysctlSyntax(findings: Findings, sources: BootInput): void {
  const found = sysctlFiles(sources);
  const unit = 'The unit that sets sysctls will fail, and the system be degraded.';
  for (const at of found.notUnderstood) {
    if (ABOUT_CONNTRACK.test(at.text))
      findings.add('LINE_NOT_UNDERSTOOD', 'warning', `${describe(at)} is no assignment, and is passed over.`, {
        lines: [at],
        remedy: 'Write key = value.',
      });
    findings.add('SYSCTL_UNIT_FAILS', 'warning', unit, { lines: [at] });
  }
  for (const irregular of found.order.read.filter(({ content }) => content.kind === 'irregular'))
    findings.add('SYSCTL_UNIT_FAILS', 'warning', unit, { lines: [wholeOf(irregular)] });
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
