import type { BootFilesFound } from '../../domain/boot/boot-input.ts';
import type { Layout } from '../../domain/layout.ts';

/** Files as they would be after a planned change, by absolute path on the host: latin1 text; `null` where the file would not exist. */
export type FileOverlay = Readonly<Record<string, string | null>>;

/** All files that a boot takes conntrack settings from. */
export abstract class BootSourceFiles {
  /**
   * Reads all of them, off the event loop and bounded in size. Changes nothing, never waits for a pipe, and follows links as the boot does,
   * but never out of the root.
   *
   * Never throws because of a file on the host: the result lists an unreadable file with the reason. It is the same object as before while no
   * file has changed.
   *
   * @param overlay takes the place of the files on disk
   */
  abstract read(layout: Layout, overlay?: FileOverlay): Promise<BootFilesFound>;
}
