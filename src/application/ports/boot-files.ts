import type { FileChange, FileContent } from '../../domain/change.ts';
import type { Capability, Privileges } from '../../domain/capabilities.ts';
import type { Layout } from '../../domain/layout.ts';
import type { EditedFile, OriginalValues, PersistOptions } from '../../domain/persist-options.ts';
import type { SettingValues } from '../../domain/setting.ts';

/** The files that a boot takes conntrack settings from, as far as this service writes them. */
export abstract class BootFiles {
  /** With which rights this process runs, and whether another one writes for it. */
  abstract readonly privileges: Privileges;

  /**
   * What this service's own lines ask of the next boot (legacy: what the winning lines of the two shared files ask); empty when
   * it has persisted nothing, or where a file of our name is not ours.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED` with the errno where a file cannot be read.
   */
  abstract persisted(layout: Layout): Promise<SettingValues>;

  /**
   * The file changes that make `values` hold at boot in addition to what is persisted already: the smallest set for the machine that `terms`
   * describes. Writes nothing. Changes that would leave a file as it is are left out.
   *
   * `values` holds `max` and `buckets` both or neither: a lone `hashsize=` sets max to 8 x hashsize at boot.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED` where a file of our name is not ours (or is no regular file); `NOT_SUPPORTED_HERE` where
   *   the files of this layout cannot be written the way this service runs.
   */
  abstract plan(layout: Layout, values: SettingValues, terms: PersistOptions): Promise<readonly FileChange[]>;

  /**
   * The file changes after which the settings named in `originals` are no longer asked for by this service, but as they were before it asked.
   *
   * @throws ConntrackError as `plan`
   */
  abstract unplan(layout: Layout, originals: OriginalValues, terms: PersistOptions): Promise<readonly FileChange[]>;

  /** What `persisted` would tell of files with these contents; those that are missing do not exist. */
  abstract askedBy(layout: Layout, contents: Readonly<Record<string, FileContent>>): SettingValues;

  /** Files of our own that somebody else has edited since they were written. None on the legacy layout, whose files are everybody's. */
  abstract edited(layout: Layout): Promise<readonly EditedFile[]>;

  /** Every file this service may write on a host of that layout, in the order in which they are written. */
  abstract paths(layout: Layout): readonly string[];

  /**
   * The files' bytes as they are now. Only paths this service writes are accepted.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED` where a file cannot be read or is no regular file.
   */
  abstract read(paths: readonly string[]): Promise<Readonly<Record<string, FileContent>>>;

  /**
   * To be called before anything moves: where the files are written by another process, whether it is there and will write these.
   *
   * @throws ConntrackError `BOOT_FILE_NOT_MANAGED`, `BOOT_FILE_WRITE_FAILED`
   */
  abstract requireAppliable(changes: readonly FileChange[]): Promise<void>;

  /**
   * Makes each change durable, in order: a reader or a crash sees the old bytes or the new, never a part. `after: null`
   * removes the file. Mode and owner of an existing file are kept. A directory that does not exist is created (0755) and stays,
   * whatever happens to the file. Only paths this service writes are accepted.
   *
   * All or nothing: when one fails, those already done are put back before it throws.
   *
   * @throws ConntrackError `BOOT_FILE_CHANGED` where a file is not as `before` says; `BOOT_FILE_WRITE_FAILED` with the errno;
   *   `RESTORE_FAILED` when putting back failed too.
   */
  abstract apply(changes: readonly FileChange[]): Promise<void>;

  /** Whether persisting works here, and why not. Writes nothing. */
  abstract capability(layout: Layout): Promise<Capability>;
}
