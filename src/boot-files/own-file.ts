import { createHash } from 'node:crypto';
import type { FileContent } from '../domain/change.ts';
import type { EditedFile } from '../domain/persist-options.ts';
import { foreign } from './boot-file-errors.ts';

/** The first line by which a file is known to be ours. Never change it: files of earlier versions would become foreign. */
export const MARK = '# Written by conntrack-api: change the values through its API.';
/** Second line of files of the first version, which had no digest. */
const OLD_NOTE = '# Edits by hand are detected: it refuses to write while this file holds a line that it does not know.';
const DIGEST = /^# Change \d+; SHA-256 of the lines below: ([0-9a-f]{64})$/;

/** A file that is this service's alone: its place, and which lines it can hold. */
export interface OwnFile {
  readonly path: string;
  readonly understands: (line: string) => boolean;
}

/** @param changeId the change that writes it */
export function renderOwnFile(lines: readonly string[], changeId: number): string {
  return [MARK, `# Change ${changeId}; SHA-256 of the lines below: ${digest(lines)}`, ...lines, ''].join('\n');
}

/** The lines below the header, blank ones left out; none where the file is absent or not ours. */
export function ownLines(content: FileContent): readonly string[] {
  if (content === null || !isOurs(content)) return [];
  const [, second = '', ...rest] = linesOf(content);
  return [...(isHeader(second) ? [] : [second]), ...rest].filter((line) => line !== '' && line !== MARK);
}

/** The lines that the file can hold, whoever wrote them. @throws ConntrackError `BOOT_FILE_NOT_MANAGED` where the file is not ours to rewrite. */
export function requireOwn({ path, understands }: OwnFile, content: FileContent): readonly string[] {
  if (content !== null && !isOurs(content)) {
    throw foreign(
      path,
      `was not written by conntrack-api (its first line is not "${MARK}")`,
      'Move the file to another name, or remove it.',
    );
  }
  return ownLines(content).filter(understands);
}

/** `undefined` where the file is as this service left it, or absent. Of a file that is not ours, the line that tells so. */
export function editsIn({ path, understands }: OwnFile, content: FileContent): EditedFile | undefined {
  if (content === null) return undefined;
  const lines = linesOf(content).map((text, index) => ({ path, line: index + 1, text }));
  if (!isOurs(content)) return { path, unknownLines: lines.slice(0, 1) };
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

function isOurs(content: string): boolean {
  return linesOf(content)[0] === MARK;
}

function linesOf(content: string): readonly string[] {
  return content.split('\n').map((line) => line.replace(/[ \t\r]+$/, ''));
}
