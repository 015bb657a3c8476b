import type { FileContent } from '../domain/change.ts';
import { ConntrackError, errnoOf } from '../domain/conntrack-error.ts';
import type { FoundFile } from './found-file.ts';

const SHOWN_CHARACTERS = 120;

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'Run the service as root, or make the directory writable for it.',
  EPERM: 'Run the service as root, and see that the file is not immutable (lsattr).',
  EROFS: 'Make the directory writable for the service: ReadWritePaths= in its systemd unit, a read-write mount in a container.',
  EBUSY: 'Mount the directory into the container, not the single file.',
  ENOSPC: 'Free space on the file system.',
  EDQUOT: 'Free space in the quota.',
};

/** @param problem continues a sentence that begins with the path */
export function foreign(path: string, problem: string, remedy: string, errno?: string): ConntrackError {
  return new ConntrackError('BOOT_FILE_NOT_MANAGED', `${path} ${problem}.`, { remedy, ...(errno === undefined ? {} : { errno }) });
}

/** A file, or what stands in its place, that this service must not replace. */
export function refused(path: string, found: FoundFile & { readonly kind: 'irregular' | 'unreadable' }): ConntrackError {
  if (found.kind === 'irregular')
    return foreign(
      path,
      `is ${found.what}, which is not replaced`,
      'Put a plain file of root, with no other name, or nothing in its place.',
    );
  return foreign(path, `cannot be read (${found.errno})`, remedyFor(found.errno), found.errno);
}

export function moved(path: string, expected: FileContent, found: FoundFile): ConntrackError {
  const conflict = { subject: path, ...describeDifference(expected, found) };
  return new ConntrackError('BOOT_FILE_CHANGED', `${path} has been altered: expected ${conflict.expected}, found ${conflict.found}.`, {
    conflicts: [conflict],
    remedy: 'Look at the file, then ask for the change again.',
  });
}

export function notWritable(path: string, cause: unknown): ConntrackError {
  const errno = errnoOf(cause);
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new ConntrackError('BOOT_FILE_WRITE_FAILED', `${path} cannot be written: ${detail}.`, {
    cause,
    remedy: remedyFor(errno),
    ...(errno === undefined ? {} : { errno }),
  });
}

export function restoreFailed(failure: unknown, undoFailures: readonly unknown[]): ConntrackError {
  const undo = undoFailures.map(messageOf).join(' ');
  const message = `Writing the boot files failed, and so did putting them back. First: ${messageOf(failure)} Then: ${undo}`;
  return new ConntrackError('RESTORE_FAILED', message, {
    cause: new AggregateError([failure, ...undoFailures]),
    remedy: 'Compare the files with the before and after of the recorded change, and correct them by hand.',
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function remedyFor(errno: string | undefined): string {
  return REMEDIES[errno ?? ''] ?? 'See that the directory and the file are sound, then try again.';
}

function describeDifference(expected: FileContent, found: FoundFile): { readonly expected: string; readonly found: string } {
  if (expected === null || found.kind !== 'regular') return { expected: describeContent(expected), found: describeFound(found) };
  const [wanted, seen] = [expected.split('\n'), found.content.split('\n')];
  const differing = wanted.findIndex((line, index) => line !== seen[index]);
  const index = differing === -1 ? wanted.length : differing;
  return { expected: describeLine(wanted, index), found: describeLine(seen, index) };
}

function describeFound(found: FoundFile): string {
  switch (found.kind) {
    case 'absent':
      return describeContent(null);
    case 'regular':
      return describeContent(found.content);
    case 'irregular':
      return found.what;
    case 'unreadable':
      return `a file that cannot be read (${found.errno})`;
  }
}

function describeContent(content: FileContent): string {
  return content === null ? 'no file' : `a file of ${content.length} bytes`;
}

function describeLine(lines: readonly string[], index: number): string {
  const line = lines[index];
  const text = line === undefined ? 'the end of the file' : JSON.stringify(line.slice(0, SHOWN_CHARACTERS));
  return `${text} at line ${index + 1}`;
}
