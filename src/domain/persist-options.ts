import type { BootLine } from './boot/boot-line.ts';
import type { SettingName } from './setting.ts';

/** What the files that make values hold at boot depend on besides the values. */
export interface PersistOptions {
  /** The change that writes them: our own files name it. */
  readonly changeId: number;
  readonly builtIn: boolean | null;
  /** Whether this kernel lets buckets be set after it has started (Linux 4.7); without, only a parameter given at load sizes the table. */
  readonly bucketsSysctl: boolean;
  /** Under a name that is read after those of others. */
  readonly last: boolean;
}

/** A file of our own that somebody else has edited. */
export interface EditedFile {
  readonly path: string;
  /** Lines that this service cannot have written; they are lost when the file is written again. Empty where only values were edited. */
  readonly unknownLines: readonly BootLine[];
}

/** Max and buckets go into the boot files, and out of them, together: a lone `hashsize=` sets max to 8 x hashsize. */
export const PERSISTED_TOGETHER: readonly SettingName[] = ['max', 'buckets'];

/** What our files asked for before this service first asked for anything; `null`: nothing. Names that are not ours to take back are absent. */
export type OriginalValues = Readonly<Record<SettingName, number | null>>;
