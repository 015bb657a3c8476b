import type { BootLine } from './boot/boot-line.ts';
import type { SettingName } from './setting.ts';

/** What the boot files depend on besides the values. */
export interface PersistOptions {
  /** The change that writes them; the files name it. */
  readonly changeId: number;
  readonly builtIn: boolean | null;
  /** Whether this kernel has a writable sysctl for buckets (since Linux 4.7). Otherwise only a module parameter sizes the table. */
  readonly bucketsSysctl: boolean;
  /** Whether the file gets a name that sorts after other files. */
  readonly last: boolean;
  /** Legacy layout: whether this kernel has max only as net.ipv4.ip_conntrack_max. Absent: no. */
  readonly maxByAlias?: boolean;
}

/** A file of this service that was edited by another program. */
export interface EditedFile {
  readonly path: string;
  /** Lines that this service cannot have written; they are lost when the file is written again. Empty if only values were edited. */
  readonly unknownLines: readonly BootLine[];
}

/** What a rollback in a file that other programs edit too cannot keep. */
export interface LostEdits {
  readonly path: string;
  /** Lines that are replaced. */
  readonly lost: readonly string[];
  /** Lines that stay and set the same settings. */
  readonly competing: readonly string[];
}

/** Max and buckets are added to and removed from the boot files together, because `hashsize=` alone sets max to 8 × hashsize. A kernel may have only max. */
export const PERSISTED_TOGETHER: readonly SettingName[] = ['max', 'buckets'];

/** The values in these files before this service first wrote them; `null`: none. Names that this service may not revert are absent. */
export type OriginalValues = Readonly<Record<SettingName, number | null>>;
