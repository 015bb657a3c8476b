import type { FileContent } from '../domain/change.ts';
import { ConntrackError, errnoOf } from '../domain/conntrack-error.ts';
import type { FoundFile } from './found-file.ts';
import type { Obstacle } from './write-check.ts';

const SHOWN_CHARACTERS = 120;

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'Run the service as root, or make the directory writable for it.',
  EPERM: 'Run the service as root, and check that the file is not immutable (lsattr).',
  EROFS: 'Make the directory writable for the service: ReadWritePaths= in its systemd unit, a read-write mount in a container.',
  EBUSY: 'Mount the directory into the container, not the single file.',
  ENOSPC: 'Free space on the file system.',
  EDQUOT: 'Free space in the quota.',
};

/** @param problem the rest of a sentence that begins with the path */
export function notManaged(path: string, problem: string, remedy: string, errno?: string): ConntrackError {
  return new ConntrackError('BOOT_FILE_NOT_MANAGED', `${path} ${problem}.`, { remedy, ...(errno === undefined ? {} : { errno }) });
}

/** For a path at which something exists that this service must not replace. */
export function refused(path: string, found: FoundFile & { readonly kind: 'irregular' | 'unreadable' }): ConntrackError {
  if (found.kind === 'irregular')
    return notManaged(
      path,
      `is ${found.what}, which this service does not replace`,
      'Replace it with a regular file that root owns and that has no other hard link, or remove it.',
    );
  return notManaged(path, `cannot be read (${found.errno})`, remedyFor(found.errno), found.errno);
}

export function changed(path: string, expected: FileContent, found: FoundFile): ConntrackError {
  const conflict = { subject: path, ...describeDifference(expected, found) };
  return new ConntrackError(
    'BOOT_FILE_CHANGED',
    `${path} was changed by another writer: expected ${conflict.expected}, found ${conflict.found}.`,
    {
      conflicts: [conflict],
      remedy: 'Check the file, then send the request again.',
    },
  );
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

/** For a file that would fail to be written: nothing has been written. */
export function prevented(path: string, { errno, expected, found, remedy = remedyFor(errno) }: Obstacle): ConntrackError {
  return new ConntrackError('BOOT_FILE_NOT_WRITABLE', `${path} cannot be written: expected ${expected}, found ${found} (${errno}).`, {
    errno,
    remedy,
    errors: [{ field: path, expected, found }],
  });
}

/** For a check that could not be made: nothing has been written. Throws any error that is not a system error. */
export function notChecked(path: string, cause: unknown): ConntrackError {
  const errno = errnoOf(cause);
  if (errno === undefined) throw cause;
  const message = `Whether ${path} can be written is unknown: ${messageOf(cause)}.`;
  return new ConntrackError('BOOT_FILE_NOT_WRITABLE', message, { cause, errno, remedy: remedyFor(errno) });
}

export function restoreFailed(failure: unknown, restoreFailures: readonly unknown[]): ConntrackError {
  const restoring = restoreFailures.map(messageOf).join(' ');
  const message = `Writing the boot files failed, and so did restoring them. Writing: ${messageOf(failure)} Restoring: ${restoring}`;
  return new ConntrackError('RESTORE_FAILED', message, {
    cause: new AggregateError([failure, ...restoreFailures]),
    remedy: 'Compare the files with `before` and `after` of the recorded change, and correct them manually.',
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function remedyFor(errno: string | undefined): string {
  return REMEDIES[errno ?? ''] ?? 'Check the directory and the file, then try again.';
}

function describeDifference(expected: FileContent, found: FoundFile): { readonly expected: string; readonly found: string } {
  if (expected === null || found.kind !== 'regular') return { expected: describeContent(expected), found: describeFound(found) };
  const [expectedLines, foundLines] = [expected.split('\n'), found.content.split('\n')];
  const differing = expectedLines.findIndex((line, index) => line !== foundLines[index]);
  const index = differing === -1 ? expectedLines.length : differing;
  return { expected: describeLine(expectedLines, index), found: describeLine(foundLines, index) };
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
