import type { BootFilesFound } from '../../domain/boot/boot-input.ts';
import type { Layout } from '../../domain/layout.ts';

/** Files as they would be after a change that is only planned, by path as the host sees it: latin1 text, `null` where there would be none. */
export type FileOverlay = Readonly<Record<string, string | null>>;

/** Everything in files that a boot takes conntrack settings from. */
export abstract class BootSourceFiles {
  /**
   * Reads all of it, off the event loop and bounded in size. Changes nothing, never waits for a pipe, and follows links as the boot
   * does, but never out of the root.
   *
   * What cannot be read is in the answer as unreadable, with the reason; it throws for nothing that is on the host.
   *
   * @param overlay shown in place of what is on disk
   */
  abstract read(layout: Layout, overlay?: FileOverlay): Promise<BootFilesFound>;
}
