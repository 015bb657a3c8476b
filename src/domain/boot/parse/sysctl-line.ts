import type { BootFile } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { textOf } from './file-order.ts';
import { stripSystemd } from './kernel-space.ts';
import { systemdPath, type SysctlPath } from './sysctl-key.ts';

/** A line of sysctl.d as systemd-sysctl takes it. */
export interface SysctlLine {
  readonly at: BootLine;
  readonly path: SysctlPath;
  /** Absent: nothing is set, and globs do not reach the path (`-path` without a value). */
  readonly value?: string;
  /** A leading `-`: an error is only logged. */
  readonly ignoresErrors: boolean;
}

export interface SysctlText {
  readonly lines: readonly SysctlLine[];
  /** Lines that are no assignment: they are passed over, and systemd-sysctl fails in the end. */
  readonly notUnderstood: readonly BootLine[];
}

/** A line of text and where it stands; lines are counted as editors do, by line feeds. */
interface Piece {
  readonly text: string;
  readonly line: number;
}

export function readSystemdSysctl(file: BootFile): SysctlText {
  const lines: SysctlLine[] = [];
  const notUnderstood: BootLine[] = [];
  for (const { text, line } of systemdLines(textOf(file) ?? '')) {
    const at = { path: file.path, line, text };
    const stripped = stripSystemd(text);
    if (stripped === '' || /^[#;]/.test(stripped)) continue;
    const equals = stripped.indexOf('=');
    const leadingDash = stripped.startsWith('-');
    if (equals === -1 && !leadingDash) {
      notUnderstood.push(at);
      continue;
    }
    const key = stripped.slice(leadingDash ? 1 : 0, equals === -1 ? undefined : equals);
    const path = systemdPath(stripSystemd(key));
    const value = equals === -1 ? undefined : stripSystemd(stripped.slice(equals + 1));
    lines.push({ at, path, ignoresErrors: leadingDash && equals !== -1, ...(value !== undefined && { value }) });
  }
  return { lines, notUnderstood };
}

/**
 * systemd ends a line at a line feed, a carriage return or a NUL; different ones in a row, up to the first that repeats, are one
 * end, and after a NUL comes always a new line.
 */
function systemdLines(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let [line, from, at] = [1, 0, 0];
  while (at < text.length) {
    if (!isLineEnd(text[at])) {
      at += 1;
      continue;
    }
    pieces.push({ text: text.slice(from, at), line });
    const seen = new Set<string | undefined>();
    while (at < text.length && isLineEnd(text[at]) && !seen.has(text[at]) && !seen.has('\0')) {
      if (text[at] === '\n') line += 1;
      seen.add(text[at]);
      at += 1;
    }
    from = at;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), line });
  return pieces;
}

function isLineEnd(character: string | undefined): boolean {
  return character === '\n' || character === '\r' || character === '\0';
}
