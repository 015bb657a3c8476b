import type { FileContent } from './change.ts';

/** Line pairs beyond which the middle of two files counts as different without a comparison. */
const PAIRS_MAXIMUM = 4_000_000;

/** A file that other programs and the operator write too, after the lines of a change were restored in it. */
interface RestoredFile {
  readonly content: FileContent;
  /** Lines of other writers that the restored ones replace. */
  readonly lost: readonly string[];
  /** Lines of other writers for the same settings, which stay and may decide instead. */
  readonly competing: readonly string[];
  /** Whether another writer changed or removed a line of the change, or added a line for the same setting. */
  readonly isChanged: boolean;
}

/**
 * Undoes in a shared file what a change did to it, and keeps the lines that other writers added or changed since. Without their edits the result is
 * `before`, byte for byte.
 *
 * @param before the content before the change
 * @param left the content that the change left
 */
export function restoreLines(now: FileContent, before: FileContent, left: FileContent): RestoredFile {
  if (now === left) return { content: before, lost: [], competing: [], isChanged: false };
  const [old, ours, lines] = [linesOf(before), linesOf(left), linesOf(now)];
  const place = matches(ours, lines);
  const keys = changedKeys(before, left);
  const found: Found = { lost: [], isChanged: false, dropped: new Set(), inserted: new Map() };
  for (const hunk of hunksBetween(old, ours)) undo(hunk, { old, ours, lines, place }, found);
  const competing = lines.filter((line, index) => keys.has(keyOf(line)) && !place.includes(index) && !found.dropped.has(index));
  const result = [...lines, undefined].flatMap((line, index) => [
    ...(found.inserted.get(index) ?? []).map((at) => old[at] ?? ''),
    ...(line === undefined || found.dropped.has(index) ? [] : [line]),
  ]);
  const text = result.join('\n');
  const content = text === '' && before === null ? null : text;
  return { content, lost: found.lost, competing, isChanged: found.isChanged || competing.length > 0 };
}

/** The settings, as written in the file, whose lines differ between two contents. */
export function changedKeys(one: FileContent, other: FileContent): ReadonlySet<string> {
  const [a, b] = [linesOf(one), linesOf(other)];
  return new Set(hunksBetween(a, b).flatMap(({ from, to, start, end }) => [...a.slice(from, to), ...b.slice(start, end)].map(keyOf)));
}

/** The lines for this setting only. */
export function linesFor(content: FileContent, key: string): string {
  return linesOf(content)
    .filter((line) => keyOf(line) === key)
    .join('\n');
}

/** Lines `from` to `to` of the first text became lines `start` to `end` of the second; the ends are exclusive. */
interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

interface Texts {
  readonly old: readonly string[];
  readonly ours: readonly string[];
  readonly lines: readonly string[];
  /** The index in `lines` of each line of `ours`; -1 if it is no longer there. */
  readonly place: readonly number[];
}

interface Found {
  readonly lost: string[];
  isChanged: boolean;
  /** Indexes of lines to leave out. */
  readonly dropped: Set<number>;
  /** Indexes of old lines to insert before a line. */
  readonly inserted: Map<number, readonly number[]>;
}

function undo({ from, to, start, end }: Hunk, { old, ours, lines, place }: Texts, found: Found): void {
  const previous = place.slice(0, start).findLast((index) => index >= 0) ?? -1;
  const present = place.slice(start, end).filter((index) => index >= 0);
  for (const index of present) found.dropped.add(index);
  // Where a line of the change is gone, the lines that now set the same have taken its place.
  const kept = new Set(present.map((index) => keyOf(lines[index] ?? '')));
  const gone = new Set(
    [...ours.slice(start, end), ...old.slice(from, to)]
      .filter(isAssignment)
      .map(keyOf)
      .filter((key) => !kept.has(key)),
  );
  const instead = lines.flatMap((line, index) => (gone.has(keyOf(line)) && !place.includes(index) ? [index] : []));
  for (const index of instead) {
    if (!found.dropped.has(index)) found.lost.push(lines[index] ?? '');
    found.dropped.add(index);
  }
  found.isChanged ||= present.length < end - start || instead.length > 0;
  const at = present[0] ?? instead[0] ?? previous + 1;
  const restored = Array.from({ length: to - from }, (_, offset) => from + offset);
  found.inserted.set(at, [...(found.inserted.get(at) ?? []), ...restored]);
}

/** A line feed ends a line or separates two: the last line is empty if the text ends in a line feed. */
function linesOf(content: FileContent): readonly string[] {
  return (content ?? '').split('\n');
}

/** What a line sets; of any other line, the line itself. */
function keyOf(line: string): string {
  const assignment = /^\s*-?\s*([^#;=\s][^=]*?)\s*=/.exec(line)?.[1];
  return assignment === undefined ? line : assignment.replaceAll('/', '.').replace('.netfilter.', '.').replace(/\s+/g, ' ');
}

function isAssignment(line: string): boolean {
  return keyOf(line) !== line;
}

function hunksBetween(a: readonly string[], b: readonly string[]): readonly Hunk[] {
  const place = matches(a, b);
  const hunks: Hunk[] = [];
  let [from, start] = [0, 0];
  for (const [index, at] of [...place, b.length].entries()) {
    if (at < 0) continue;
    if (index > from || at > start) hunks.push({ from, to: index, start, end: at });
    [from, start] = [index + 1, at + 1];
  }
  return hunks;
}

/** For each line of `a` its line of `b` in a longest common subsequence; -1 if it has none. */
function matches(a: readonly string[], b: readonly string[]): readonly number[] {
  const place = new Array<number>(a.length).fill(-1);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    place[start] = start;
    start += 1;
  }
  let [aEnd, bEnd] = [a.length, b.length];
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd -= 1;
    bEnd -= 1;
    place[aEnd] = bEnd;
  }
  if ((aEnd - start) * (bEnd - start) <= PAIRS_MAXIMUM) matchMiddle(a.slice(start, aEnd), b.slice(start, bEnd), start, place);
  return place;
}

function matchMiddle(a: readonly string[], b: readonly string[], offset: number, place: number[]): void {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      place[offset + i] = offset + j;
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
}
