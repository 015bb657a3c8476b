import type { BootFile } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { stripSystemd, textOf } from './file-order.ts';
import { systemdPath, type SysctlPath } from './sysctl-key.ts';

/** A line of sysctl.d as systemd-sysctl reads it. */
export interface SysctlLine {
  readonly at: BootLine;
  readonly path: SysctlPath;
  /** Absent for `-path` without a value: nothing is set, and globs do not match the path. */
  readonly value?: string;
  /** A leading `-`: an error is only logged. */
  readonly ignoresErrors: boolean;
}

export interface SysctlText {
  readonly lines: readonly SysctlLine[];
  /** Lines that are not an assignment: systemd-sysctl ignores them, and exits with a failure. */
  readonly notUnderstood: readonly BootLine[];
}

/** A line of text and its number; lines are counted by line feeds, as editors do. */
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
 * systemd ends a line at a line feed, a carriage return or a NUL. A sequence of different ones, up to the first that repeats, is one line end;
 * a NUL always ends the sequence.
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
