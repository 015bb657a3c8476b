import type { BootInput } from '../boot-input.ts';
import type { Findings } from './finding-list.ts';
import { describe } from '../ledger.ts';
import { orderFiles, textOf } from '../parse/file-order.ts';
import { tmpfilesIgnored } from '../parse/tmpfiles-lines.ts';
import { udevMistakes } from '../parse/udev-lines.ts';

const ABOUT_CONNTRACK = /conntrack/;

/** Findings about udev rules and lines of tmpfiles.d about connection tracking that have no effect. */
export function noteIgnoredLines(findings: Findings, { files }: BootInput): void {
  if (files.init === 'other') return;
  const rules = orderFiles(
    files.directories.filter(({ kind }) => kind === 'rules.d'),
    ['.rules'],
  );
  for (const file of rules.read) {
    for (const { text, line } of udevMistakes(textOf(file) ?? '').filter((rule) => ABOUT_CONNTRACK.test(rule.text))) {
      const at = { path: file.path, line, text };
      const remedy = 'Compare with ==, assign with =, and add commands with RUN+=, each with a value in double quotes.';
      findings.add('LINE_NOT_UNDERSTOOD', 'warning', `${describe(at)}: udev ignores the rule because of a mistake in it.`, {
        lines: [at],
        remedy,
      });
    }
  }
  const writers = (files.writers ?? []).filter(({ program }) => program === 'tmpfiles').map(({ file }) => file);
  for (const { at, by } of tmpfilesIgnored(writers).filter((ignored) => ABOUT_CONNTRACK.test(ignored.at.text))) {
    const why = by === undefined ? 'because of a mistake in it' : `because ${describe(by)} is about the same file`;
    const remedy = by === undefined ? 'Write: w PATH - - - - VALUE' : 'Keep one of the lines.';
    findings.add('LINE_NOT_UNDERSTOOD', 'warning', `${describe(at)}: systemd-tmpfiles ignores the line ${why}.`, { lines: [at], remedy });
  }
}
