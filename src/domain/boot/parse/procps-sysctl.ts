import type { BootFile } from '../boot-input.ts';
import { textOf } from './file-order.ts';
import { isGlob, matchesGlob } from './glob.ts';
import { exchangeSeparators, resolvedPath, type SysctlPath } from './sysctl-key.ts';
import type { SysctlLine } from './sysctl-line.ts';
import type { DroppedLine, SysctlWrite, SysctlWrites } from './sysctl-writes.ts';

/** Reads lines as sysctl(8) of procps does: only a line feed ends a line, and the part after a NUL is ignored. */
export function readProcpsSysctl(file: BootFile): readonly SysctlLine[] {
  return (textOf(file) ?? '').split('\n').flatMap((raw, index) => {
    const text = (raw.split('\0')[0] ?? '').replace(/^[ \t\v\f\r]+/, '');
    if (text.length < 1 || /^[#;]/.test(text)) return [];
    const equals = text.indexOf('=');
    const leadingDash = text.startsWith('-');
    if (equals === -1 && !leadingDash) return [];
    const key = stripEnd(text.slice(leadingDash ? 1 : 0, equals === -1 ? undefined : equals));
    const value = equals === -1 ? undefined : stripEnd(text.slice(equals + 1).replace(/^[ \t\v\f\r]+/, ''));
    const at = { path: file.path, line: index + 1, text: raw };
    return [{ at, path: exchangeSeparators(key), ignoresErrors: leadingDash && equals !== -1, ...(value !== undefined && { value }) }];
  });
}

/** Every line is written in turn. A glob leaves out keys that another line names or excludes, but not those excluded by a glob (procps 4.0.2). */
export function procpsWrites(lines: readonly SysctlLine[], existing: readonly SysctlPath[]): SysctlWrites {
  const writes: SysctlWrite[] = [];
  const dropped: DroppedLine[] = [];
  for (const line of lines) {
    const { value, at, ignoresErrors } = line;
    if (value === undefined) continue;
    const found = isGlob(line.path) ? existing.filter((path) => matchesGlob(line.path, path)) : [line.path];
    for (const path of found) {
      const other = isGlob(line.path) ? lines.find((candidate) => candidate !== line && candidate.path === path) : undefined;
      if (other === undefined) writes.push({ path: resolvedPath(path), value, at, ignoresErrors });
      else dropped.push({ line, path, reason: 'excluded', by: other.at });
    }
  }
  return { writes, dropped };
}

function stripEnd(text: string): string {
  return text.replace(/[ \t\v\f\r]+$/, '');
}
