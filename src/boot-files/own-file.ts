import type { FileContent } from '../domain/change.ts';
import { foreign } from './boot-file-errors.ts';

/** The first line by which a file is known to be ours. Never change it: files of earlier versions would become foreign. */
export const MARK = '# Written by conntrack-api: change the values through its API.';
const NOTE = '# Edits by hand are detected: it refuses to write while this file holds a line that it does not know.';

/** A file that is this service's alone: its place, and which lines it can hold. */
export interface OwnFile {
  readonly path: string;
  readonly understands: (line: string) => boolean;
}

export function renderOwnFile(lines: readonly string[]): string {
  return [MARK, NOTE, ...lines, ''].join('\n');
}

/** The lines below the header, blank ones left out; none where the file is absent or not ours. */
export function ownLines(content: FileContent): readonly string[] {
  if (content === null || !isOurs(content)) return [];
  return linesOf(content).filter((line) => line !== '' && line !== MARK && line !== NOTE);
}

/** @throws ConntrackError `BOOT_FILE_FOREIGN` where rewriting the file would lose something that this service did not write. */
export function requireOwn({ path, understands }: OwnFile, content: FileContent): readonly string[] {
  if (content !== null && !isOurs(content)) {
    throw foreign(
      path,
      `was not written by conntrack-api (its first line is not "${MARK}")`,
      'Move the file to another name, or remove it.',
    );
  }
  const lines = ownLines(content);
  const unknown = lines.find((line) => !understands(line));
  if (unknown === undefined) return lines;
  throw foreign(path, `holds a line that conntrack-api did not write: ${JSON.stringify(unknown)}`, 'Move that line to another file.');
}

function isOurs(content: string): boolean {
  return linesOf(content)[0] === MARK;
}

function linesOf(content: string): readonly string[] {
  return content.split('\n').map((line) => line.replace(/[ \t\r]+$/, ''));
}
