import type { FileChange, FileContent } from '../domain/change.ts';
import { changed, restoreFailed } from './boot-file-errors.ts';
import type { FileAttributes, FoundFile } from './found-file.ts';
import type { RootedFiles } from './rooted-files.ts';

interface Started {
  readonly change: FileChange;
  /** Of the file before the change; undefined if there was no file. */
  readonly attributes: FileAttributes | undefined;
}

/**
 * Writes the changes in order. If one fails, restores those already started, last first, and throws.
 *
 * If an editor saves a file between the comparison with `before` and the rename (about a millisecond), its version is overwritten.
 *
 * @throws ConntrackError `BOOT_FILE_CHANGED`, `BOOT_FILE_WRITE_FAILED`, `RESTORE_FAILED`
 */
export async function applyAllOrNothing(files: RootedFiles, changes: readonly FileChange[]): Promise<void> {
  const started: Started[] = [];
  try {
    for (const change of changes) {
      const found = await expectContent(files, change.path, change.before);
      const attributes = found.kind === 'regular' ? found.attributes : undefined;
      started.push({ change, attributes });
      if (change.after !== change.before) await files.put(change.path, change.after, attributes);
    }
  } catch (failure) {
    const restoreFailures = await restore(files, started.reverse());
    throw restoreFailures.length === 0 ? failure : restoreFailed(failure, restoreFailures);
  }
}

/** Continues after a failure: each restored file is one less to correct manually. */
async function restore(files: RootedFiles, started: readonly Started[]): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const { change, attributes } of started) {
    try {
      if (holds(await files.find(change.path), change.before)) continue;
      await expectContent(files, change.path, change.after);
      await files.put(change.path, change.before, attributes);
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

/** @throws ConntrackError `BOOT_FILE_CHANGED` */
export async function expectContent(files: RootedFiles, path: string, expected: FileContent): Promise<FoundFile> {
  const found = await files.find(path);
  if (!holds(found, expected)) throw changed(path, expected, found);
  return found;
}

function holds(found: FoundFile, content: FileContent): boolean {
  return content === null ? found.kind === 'absent' : found.kind === 'regular' && found.content === content;
}
