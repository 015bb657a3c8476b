import { realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { FileChange, FileContent } from '../domain/change.ts';
import { ensureDirectory, removeFile, removeLeftovers, replaceFile } from './atomic-write.ts';
import { notChecked, notWritable, prevented } from './boot-file-errors.ts';
import { refuseIfExhausted } from '../domain/exhausted.ts';
import { foundInstead, isUntrustedOwner, isWritableByOthers, readRegularFile, type FileAttributes, type FoundFile } from './found-file.ts';
import { nearestExisting } from './nearest-existing.ts';
import { obstacleOfSpace, obstacleTo } from './write-check.ts';

/** Single files below a root. Paths, also in errors, are those of the host (`/etc/…`). */
export class RootedFiles {
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async find(path: string): Promise<FoundFile> {
    try {
      const directory = await nearestExisting(dirname(this.place(path)));
      if (await this.leadsOut(directory)) return { kind: 'irregular', what: 'behind a symbolic link that leads out of the root' };
      if (await isUntrustedDirectory(directory)) return { kind: 'irregular', what: `below ${directory}, in which other users may write` };
      return await readRegularFile(this.place(path));
    } catch (error) {
      refuseIfExhausted(path, error);
      return foundInstead(error);
    }
  }

  /**
   * Writes the file durably, or removes it if `content` is `null`. Creates a missing directory.
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

  /** Checks, without writing, whether the changes can be made. @throws ConntrackError `BOOT_FILE_NOT_WRITABLE` */
  async requireWritable(changes: readonly FileChange[]): Promise<void> {
    for (const { path } of changes) {
      const obstacle = await this.checking(path, (root) => obstacleTo(this.place(path), root));
      if (obstacle) throw prevented(path, obstacle);
    }
    const writes = changes.flatMap(({ path, before, after }) =>
      after === null ? [] : [{ path, place: this.place(path), before, bytes: after.length }],
    );
    const [first] = writes;
    if (!first) return;
    const obstacle = await this.checking(first.path, (root) => obstacleOfSpace(writes, root));
    if (obstacle) throw prevented(first.path, obstacle);
  }

  private async checking<T>(path: string, check: (root: string) => Promise<T>): Promise<T> {
    try {
      return await check(await realpath(this.root));
    } catch (error) {
      refuseIfExhausted(path, error);
      throw notChecked(path, error);
    }
  }

  private place(path: string): string {
    return join(this.root, path);
  }

  /** If the root is not `/`, a directory in it may be a link to the real /etc. */
  private async leadsOut(directory: string): Promise<boolean> {
    const root = await realpath(this.root);
    return !`${directory}${sep}`.startsWith(root === sep ? sep : `${root}${sep}`);
  }
}

/** A user who may rename files in the directory could replace the file between the check and the rename. */
async function isUntrustedDirectory(directory: string): Promise<boolean> {
  const stats = await stat(directory);
  return isUntrustedOwner(stats) || isWritableByOthers(stats);
}
