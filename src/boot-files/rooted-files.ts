import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { FileContent } from '../domain/change.ts';
import { errnoOf } from '../domain/conntrack-error.ts';
import { ensureDirectory, removeFile, removeLeftovers, replaceFile } from './atomic-write.ts';
import { notWritable } from './boot-file-errors.ts';
import { insteadOfFile, isForeignOwner, isWritableByOthers, readRegularFile, type FileAttributes, type FoundFile } from './found-file.ts';

/** Single files below a root. Paths are given as the host sees them (`/etc/…`), and named so in errors. */
export class RootedFiles {
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async find(path: string): Promise<FoundFile> {
    try {
      const directory = await nearestExisting(dirname(this.place(path)));
      if (await this.leadsOut(directory)) return { kind: 'irregular', what: 'behind a link that leads out of the root' };
      if (await isInOtherHands(directory)) return { kind: 'irregular', what: `below ${directory}, which others may write in` };
      return await readRegularFile(this.place(path));
    } catch (error) {
      return insteadOfFile(error);
    }
  }

  /**
   * Makes the file hold `content`, durably; `null` removes it. Creates the directory where it is missing.
   *
   * @throws ConntrackError `BOOT_FILE_WRITE_FAILED`
   */
  async put(path: string, content: FileContent, attributes?: FileAttributes): Promise<void> {
    const place = this.place(path);
    try {
      await ensureDirectory(dirname(place));
      await removeLeftovers(place);
      await (content === null ? removeFile(place) : replaceFile(place, content, attributes));
    } catch (error) {
      throw notWritable(path, error);
    }
  }

  /** Whether a file could be put here, as far as can be told without trying. @throws ConntrackError `BOOT_FILE_WRITE_FAILED` */
  async requireWritable(path: string): Promise<void> {
    try {
      // The trailing dot: ENOTDIR where it is no directory.
      await access(`${await nearestExisting(dirname(this.place(path)))}/.`, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw notWritable(path, error);
    }
  }

  private place(path: string): string {
    return join(this.root, path);
  }

  /** Under another root than `/` a directory may be a link to the real /etc. */
  private async leadsOut(directory: string): Promise<boolean> {
    const root = await realpath(this.root);
    return !`${directory}${sep}`.startsWith(root === sep ? sep : `${root}${sep}`);
  }
}

/** Whoever may rename there could put anything in the file's place between a look and a rename. */
async function isInOtherHands(directory: string): Promise<boolean> {
  const stats = await stat(directory);
  return isForeignOwner(stats) || isWritableByOthers(stats);
}

/** The nearest directory, going up, that exists; links resolved. */
async function nearestExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error;
    return nearestExisting(dirname(path));
  }
}
