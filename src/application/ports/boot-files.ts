import type { FileChange, FileContent } from '../../domain/change.ts';
import type { Capability, Privileges } from '../../domain/capabilities.ts';
import type { Layout } from '../../domain/layout.ts';
import type { EditedFile, OriginalValues, PersistOptions } from '../../domain/persist-options.ts';
import type { SettingValues } from '../../domain/setting.ts';

/** The boot files that this service writes. */
export abstract class BootFiles {
  /** The privileges of this process, and whether a helper process writes for it. */
  abstract readonly privileges: Privileges;

  /**
   * The values that the files of this service set at the next boot (legacy layout: the values of the effective lines in the two shared
   * files). Empty where nothing is persisted, and where a file of that name was not written by this service.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED` with the errno where a file cannot be read.
   */
  abstract persisted(layout: Layout): Promise<SettingValues>;

  /**
   * The file changes that persist `values` in addition to what is already persisted: the smallest set for the host that `options` describes.
   * Writes nothing. Leaves out changes that would not alter a file.
   *
   * If `values` holds `buckets`, it also holds `max`: `hashsize=` alone sets max to 8 x hashsize at boot.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED` where a file of that name was not written by this service, or is not a regular file;
   *   `NOT_SUPPORTED_HERE` where the files of this layout cannot be written with the privileges of this service.
   */
  abstract plan(layout: Layout, values: SettingValues, options: PersistOptions): Promise<readonly FileChange[]>;

  /**
   * The file changes that stop persisting the settings named in `originals` and restore these original values.
   *
   * @throws ConntrackError as `plan`
   */
  abstract unplan(layout: Layout, originals: OriginalValues, options: PersistOptions): Promise<readonly FileChange[]>;

  /** The result of `persisted` for files with these contents. A file that is not among them does not exist. */
  abstract askedBy(layout: Layout, contents: Readonly<Record<string, FileContent>>): SettingValues;

  /** Files of this service that another writer edited since they were written. Empty on the legacy layout, whose files are shared. */
  abstract edited(layout: Layout): Promise<readonly EditedFile[]>;

  /** Every file that this service may write on this layout, in the order in which they are written. */
  abstract paths(layout: Layout): readonly string[];

  /** Whether the file also contains lines of the operator and other programs (legacy layout). */
  abstract isShared(path: string): boolean;

  /**
   * The current content of files. Accepts only paths that this service writes.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED` where a file cannot be read or is not a regular file.
   */
  abstract read(paths: readonly string[]): Promise<Readonly<Record<string, FileContent>>>;

  /**
   * Checks whatever can be known in advance about `apply` with these changes: contents, permissions, mounts, attributes, space, and whether a
   * helper process is reachable and will write them. Writes nothing. To be called before anything is written.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_WRITABLE` with the errno; `BOOT_FILE_NOT_MANAGED`, `BOOT_FILE_CHANGED`
   */
  abstract requireAppliable(changes: readonly FileChange[]): Promise<void>;

  /**
   * Makes each change durable, in order. A reader, or the host after a crash, sees the old or the new content, never a part. `after: null`
   * removes the file. Mode and owner of an existing file are kept. A missing directory is created (0755) and stays. Accepts only paths that
   * this service writes.
   *
   * All or nothing: if one change fails, the earlier ones are rolled back before it throws.
   *
   * @throws ConntrackError `BOOT_FILE_CHANGED` where a file differs from `before`; `BOOT_FILE_WRITE_FAILED` with the errno;
   *   `RESTORE_FAILED` where rolling back failed too.
   */
  abstract apply(changes: readonly FileChange[]): Promise<void>;

  /** Whether persisting works on this host, and why not. Writes nothing. */
  abstract capability(layout: Layout): Promise<Capability>;
}
