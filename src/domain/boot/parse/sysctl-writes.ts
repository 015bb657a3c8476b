import type { BootLine } from '../boot-line.ts';
import { expandBraces, isGlob, matchesGlob, matchesName } from './glob.ts';
import type { SysctlLine } from './sysctl-line.ts';
import type { SysctlPath } from './sysctl-key.ts';

/** A line that is not written, for one path. */
export interface DroppedLine {
  readonly line: SysctlLine;
  readonly path: SysctlPath;
  readonly reason: 'overridden-by-later-line' | 'repeats-earlier-value' | 'excluded';
  readonly by: BootLine;
}

/** A value written to one file below /proc/sys. */
export interface SysctlWrite {
  readonly path: SysctlPath;
  readonly value: string;
  readonly at: BootLine;
  readonly ignoresErrors: boolean;
}

export interface SysctlWrites {
  /** In order. */
  readonly writes: readonly SysctlWrite[];
  readonly dropped: readonly DroppedLine[];
}

/**
 * The writes of systemd-sysctl for these lines, in order. A key that is assigned again moves to the end, unless the value is the same.
 *
 * @param existing paths that globs can match
 * @param prefixes the values of `--prefix`; empty: every path
 */
export function systemdWrites(
  lines: readonly SysctlLine[],
  existing: readonly SysctlPath[],
  prefixes: readonly SysctlPath[] = [],
): SysctlWrites {
  const kept = lines.filter(({ path }) => isGlob(path) || within(path, prefixes));
  const { options, dropped } = merge(kept);
  const writes: SysctlWrite[] = [];
  for (const line of options.values()) {
    const { value, at, ignoresErrors } = line;
    if (value === undefined) continue;
    const found = isGlob(line.path) ? matches(line.path, existing, prefixes) : [line.path];
    for (const path of found) {
      const explicit = isGlob(line.path) ? options.get(path) : undefined;
      if (explicit === undefined) writes.push({ path, value, at, ignoresErrors });
      else dropped.push({ line, path, reason: 'excluded', by: explicit.at });
    }
  }
  return { writes, dropped };
}

function merge(lines: readonly SysctlLine[]): { options: Map<SysctlPath, SysctlLine>; dropped: DroppedLine[] } {
  const options = new Map<SysctlPath, SysctlLine>();
  const dropped: DroppedLine[] = [];
  for (const line of lines) {
    const { path } = line;
    const earlier = options.get(path);
    if (earlier !== undefined && earlier.value === line.value) {
      options.set(path, { ...earlier, ignoresErrors: earlier.ignoresErrors || line.ignoresErrors });
      dropped.push({ line, path, reason: 'repeats-earlier-value', by: earlier.at });
      continue;
    }
    if (earlier !== undefined) {
      dropped.push({ line: earlier, path, reason: line.value === undefined ? 'excluded' : 'overridden-by-later-line', by: line.at });
      options.delete(path);
    }
    options.set(path, line);
  }
  return { options, dropped };
}

/** A glob is expanded once for each prefix. */
function matches(glob: string, existing: readonly SysctlPath[], prefixes: readonly SysctlPath[]): readonly SysctlPath[] {
  const globs = prefixes.length === 0 ? [glob] : prefixes.flatMap((prefix) => globBelow(prefix, glob));
  return globs.flatMap((each) => (isGlob(each) ? existing.filter((path) => matchesAny(each, path)) : [each]));
}

/**
 * The glob with its first components replaced by the prefix that they match; empty if they do not match it. Braces are not alternatives in these
 * components, nor if no other wildcard is left after them (path_glob_can_match of systemd 252).
 */
function globBelow(prefix: SysctlPath, glob: string): readonly string[] {
  const [wanted, parts] = [prefix, glob].map((path) => path.split('/').filter((part) => part !== '' && part !== '.'));
  if (wanted === undefined || parts === undefined || parts.length < wanted.length) return [];
  const isMatch = wanted.every((name, index) => {
    const part = parts[index] ?? '';
    return part === name || (isGlob(part) && matchesName(part, name));
  });
  return isMatch ? [[...wanted, ...parts.slice(wanted.length)].join('/')] : [];
}

/** As glob(3) with GLOB_BRACE: `{a,b}` means alternatives. */
function matchesAny(pattern: string, path: SysctlPath): boolean {
  return expandBraces(pattern).some((alternative) => matchesGlob(alternative, path));
}

function within(path: SysctlPath, prefixes: readonly SysctlPath[]): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => prefix === '' || path === prefix || path.startsWith(`${prefix}/`));
}
