import type { Scope } from '../domain/token.ts';

export interface TokenFlags {
  readonly dataDir: string;
  readonly name: string;
  readonly scope: readonly Scope[];
  /** Seconds from now. Not null for never: Commander turns null into an empty string. */
  readonly expires: number | 'never';
  /** Allows a lifetime of more than a year. */
  readonly longLived?: true;
  readonly json?: true;
}

export interface RotateFlags {
  readonly dataDir: string;
  readonly overlap: number;
  readonly json?: true;
}

interface ExportFlags {
  readonly dataDir: string;
  /** Path of a copy of a journal, read instead of the one in the data directory. */
  readonly file?: string;
}

export interface FollowFlags extends ExportFlags {
  /** The record that the first one follows. */
  readonly after?: { readonly sequence: number; readonly hash?: string };
  readonly follow?: true;
  /** Path of a file that keeps the last exported record. */
  readonly state?: string;
}

export interface VerifyFlags extends ExportFlags {
  /** Archives of the journal, oldest first. */
  readonly archive?: readonly string[];
  /** A head that was recorded earlier. */
  readonly anchor?: { readonly sequence: number; readonly hash: string };
}

export interface ArchiveFlags {
  readonly dataDir: string;
  readonly to: string;
  /** Seconds. */
  readonly olderThan?: number;
  readonly keep?: number;
  readonly dryRun?: true;
}

export interface BackupFlags {
  readonly dataDir: string;
  readonly force?: true;
  readonly json?: true;
}

export interface RestoreFlags {
  readonly dataDir: string;
  /** Does not ask. */
  readonly yes?: true;
}
