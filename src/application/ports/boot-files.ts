import type { FileChange, FileContent } from '../../domain/change.ts';
import type { Capability } from '../../domain/capabilities.ts';
import type { Layout } from '../../domain/layout.ts';
import type { OverridingLine } from '../../domain/overriding-line.ts';
import type { SettingName, SettingValues } from '../../domain/setting.ts';

/** The files that a boot takes conntrack settings from, as far as this service writes them. */
export abstract class BootFiles {
  /**
   * What this service's own lines ask of the next boot (legacy: what the winning lines of the two shared files ask); empty when
   * it has persisted nothing, or where a file of our name is not ours.
   *
   * @throws ConntrackError `BOOT_FILE_FOREIGN` with the errno where a file cannot be read.
   */
  abstract persisted(layout: Layout): Promise<SettingValues>;

  /**
   * The file changes that make `values` hold at boot in addition to what is persisted already. Writes nothing. Changes that
   * would leave a file as it is are left out.
   *
   * `values` holds `max` and `buckets` both or neither: a lone `hashsize=` sets max to 8 x hashsize at boot.
   *
   * @throws ConntrackError `BOOT_FILE_FOREIGN` where a file of our name is not ours (or is no regular file).
   */
  abstract plan(layout: Layout, values: SettingValues): Promise<readonly FileChange[]>;

  /**
   * Lines of somebody else's files that would win over ours at boot, were ours to ask for `values`: as far as sysctl.d tells. Empty on the
   * legacy layout, where the line that wins is the one that is changed.
   */
  abstract overriding(layout: Layout, values: SettingValues): Promise<readonly OverridingLine[]>;

  /** Lines of sysctl.d files, ours left out, that ask for exactly this value. Empty on the legacy layout. */
  abstract asking(layout: Layout, name: SettingName, value: number): Promise<readonly OverridingLine[]>;

  /** Every file this service may write on a host of that layout, in the order in which they are written. */
  abstract paths(layout: Layout): readonly string[];

  /**
   * The files' bytes as they are now. Only paths this service writes are accepted.
   *
   * @throws ConntrackError `BOOT_FILE_FOREIGN` where a file cannot be read or is no regular file.
   */
  abstract read(paths: readonly string[]): Promise<Readonly<Record<string, FileContent>>>;

  /**
   * Makes each change durable, in order: a reader or a crash sees the old bytes or the new, never a part. `after: null`
   * removes the file. Mode and owner of an existing file are kept. A directory that does not exist is created (0755) and stays,
   * whatever happens to the file. Only paths this service writes are accepted.
   *
   * All or nothing: when one fails, those already done are put back before it throws.
   *
   * @throws ConntrackError `BOOT_FILE_MOVED` where a file is not as `before` says; `BOOT_FILE_WRITE_FAILED` with the errno;
   *   `HOST_UNRESTORED` when putting back failed too.
   */
  abstract apply(changes: readonly FileChange[]): Promise<void>;

  /** Whether persisting works here, and why not. Writes nothing. */
  abstract capability(layout: Layout): Promise<Capability>;
}
