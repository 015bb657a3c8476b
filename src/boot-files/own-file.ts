import { createHash } from 'node:crypto';
import type { FileContent } from '../domain/change.ts';
import type { EditedFile } from '../domain/persist-options.ts';
import { notManaged } from './boot-file-errors.ts';

/** First line of every file of this service. Never change it: files of earlier versions would become unmanaged. */
export const MARK = '# Written by conntrack-api: change the values through its API.';
/** Second line of files that the first version wrote, which had no digest. */
const OLD_NOTE = '# Edits by hand are detected: it refuses to write while this file holds a line that it does not know.';
const DIGEST = /^# Change \d+; SHA-256 of the lines below: ([0-9a-f]{64})$/;

/** A file that only this service writes. */
export interface OwnFile {
  readonly path: string;
  /** Whether this service writes such a line into the file. */
  readonly understands: (line: string) => boolean;
}

/** @param changeId the change that writes the file */
export function renderOwnFile(lines: readonly string[], changeId: number): string {
  return [MARK, `# Change ${changeId}; SHA-256 of the lines below: ${digest(lines)}`, ...lines, ''].join('\n');
}

/** The lines below the header without blank ones; none if the file is absent or unmanaged. */
export function ownLines(content: FileContent): readonly string[] {
  if (content === null || !isManaged(content)) return [];
  const [, second = '', ...rest] = linesOf(content);
  return [...(isHeader(second) ? [] : [second]), ...rest].filter((line) => line !== '' && line !== MARK);
}

/** The lines of the file that this service could have written. @throws ConntrackError `BOOT_FILE_NOT_MANAGED` for an unmanaged file */
export function requireOwn({ path, understands }: OwnFile, content: FileContent): readonly string[] {
  if (content !== null && !isManaged(content)) {
    throw notManaged(path, `was not written by conntrack-api (its first line is not "${MARK}")`, 'Rename or remove the file.');
  }
  return ownLines(content).filter(understands);
}

/** `undefined` if the file is absent or as this service wrote it. For an unmanaged file, its first line. */
export function editsIn({ path, understands }: OwnFile, content: FileContent): EditedFile | undefined {
  if (content === null) return undefined;
  const lines = linesOf(content).map((text, index) => ({ path, line: index + 1, text }));
  if (!isManaged(content)) return { path, unknownLines: lines.slice(0, 1) };
  const own = ownLines(content);
  const unknown = new Set(own.filter((line) => !understands(line)));
  const written = DIGEST.exec(lines[1]?.text ?? '')?.[1];
  if (unknown.size === 0 && (written === undefined || written === digest(own))) return undefined;
  return { path, unknownLines: lines.filter(({ text }) => unknown.has(text)) };
}

function digest(lines: readonly string[]): string {
  return createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''), 'latin1')
    .digest('hex');
}

function isHeader(line: string): boolean {
  return line === OLD_NOTE || DIGEST.test(line);
}

function isManaged(content: string): boolean {
  return linesOf(content)[0] === MARK;
}

function linesOf(content: string): readonly string[] {
  return content.split('\n').map((line) => line.replace(/[ \t\r]+$/, ''));
}
