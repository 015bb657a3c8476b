import type { FileChange, FileContent } from '../domain/change.ts';
import { moved, restoreFailed } from './boot-file-errors.ts';
import type { FileAttributes, FoundFile } from './found-file.ts';
import type { RootedFiles } from './rooted-files.ts';

interface Begun {
  readonly change: FileChange;
  /** Of the file before the change; absent where there was none. */
  readonly attributes: FileAttributes | undefined;
}

/**
 * Makes the changes in order. When one fails, those begun are put back, last first, before it throws.
 *
 * An editor that saves between the comparison with `before` and the rename, within about a millisecond, is overwritten.
 *
 * @throws ConntrackError `BOOT_FILE_CHANGED`, `BOOT_FILE_WRITE_FAILED`, `RESTORE_FAILED`
 */
export async function applyAllOrNothing(files: RootedFiles, changes: readonly FileChange[]): Promise<void> {
  const begun: Begun[] = [];
  try {
    for (const change of changes) {
      const found = await expectContent(files, change.path, change.before);
      const attributes = found.kind === 'regular' ? found.attributes : undefined;
      begun.push({ change, attributes });
      if (change.after !== change.before) await files.put(change.path, change.after, attributes);
    }
  } catch (failure) {
    const undoFailures = await putBack(files, begun.reverse());
    throw undoFailures.length === 0 ? failure : restoreFailed(failure, undoFailures);
  }
}

/** Goes on after a failure: each file put back is one less to correct by hand. */
async function putBack(files: RootedFiles, begun: readonly Begun[]): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const { change, attributes } of begun) {
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

async function expectContent(files: RootedFiles, path: string, expected: FileContent): Promise<FoundFile> {
  const found = await files.find(path);
  if (!holds(found, expected)) throw moved(path, expected, found);
  return found;
}

function holds(found: FoundFile, content: FileContent): boolean {
  return content === null ? found.kind === 'absent' : found.kind === 'regular' && found.content === content;
}
