import type { FileContent } from '../domain/change.ts';
import type { EditedFile, OriginalValues, PersistOptions } from '../domain/persist-options.ts';
import type { SettingValues } from '../domain/setting.ts';

/** Content by path. A path that is missing here does not exist on the host. */
export type FileContents = Readonly<Record<string, FileContent>>;

/** The boot files of a kernel layout: which values they set, and their content for other values. Pure: no I/O. */
export interface BootLayout {
  /** In writing order: if writing stops after any of them, the next boot is still safe. */
  readonly paths: readonly string[];

  /** The values that the files set at boot. */
  persisted(files: FileContents): SettingValues;

  /**
   * The content that sets `values` in addition to the values that the files already set. Files that need no change are returned unchanged.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED`
   */
  plan(files: FileContents, values: SettingValues, options: PersistOptions): FileContents;

  /**
   * The content that restores the lines for the settings in `originals` to their state before this service first wrote them.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED`
   */
  unplan(files: FileContents, originals: OriginalValues, options: PersistOptions): FileContents;

  /** Files of this service that another writer has edited. */
  edited(files: FileContents): readonly EditedFile[];
}
