import type { FileContent } from '../domain/change.ts';
import type { EditedFile, OriginalValues, PersistOptions } from '../domain/persist-options.ts';
import type { SettingValues } from '../domain/setting.ts';

/** Content by path; a path that is not there does not exist on the host. */
export type FileContents = Readonly<Record<string, FileContent>>;

/** What a kernel layout's boot files hold, and what they must hold to ask for more or for less. Pure: no I/O. */
export interface BootLayout {
  /** In the order in which they are written: stopped anywhere in between, the next boot is still a safe one. */
  readonly paths: readonly string[];

  persisted(files: FileContents): SettingValues;

  /**
   * What the files must hold to ask for `values` besides what they ask for already. What needs no change is returned as it is.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED`
   */
  plan(files: FileContents, values: SettingValues, terms: PersistOptions): FileContents;

  /**
   * What the files must hold to ask for the settings named in `originals` as they did before this service asked.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED`
   */
  unplan(files: FileContents, originals: OriginalValues, terms: PersistOptions): FileContents;

  /** Files of our own that somebody else has edited. */
  edited(files: FileContents): readonly EditedFile[];
}
