import type { BootPreview } from '../../domain/boot/boot-preview.ts';
import type { LiveSettings } from '../../domain/setting.ts';

/** What the next boot makes of every setting, beside what is live. */
export abstract class NextBoot {
  /** Reads many files. @throws ConntrackError `CONNTRACK_NOT_LOADED` */
  abstract view(): Promise<{ readonly preview: BootPreview; readonly live: LiveSettings }>;
}
