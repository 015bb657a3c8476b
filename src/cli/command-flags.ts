import type { Scope } from '../domain/token.ts';

export interface TokenFlags {
  readonly dataDir: string;
  readonly name: string;
  readonly scope: readonly Scope[];
  /** Seconds from now. Not null for never: commander makes an empty text of a null. */
  readonly expires: number | 'never';
  /** Allows a life of more than a year. */
  readonly longLived?: true;
  readonly json?: true;
}

export interface RotateFlags {
  readonly dataDir: string;
  readonly overlap: number;
  readonly json?: true;
}

export interface ExportFlags {
  readonly dataDir: string;
  /** A copy of a journal, instead of the one in the data directory. */
  readonly file?: string;
}

export interface VerifyFlags extends ExportFlags {
  readonly anchor?: { readonly sequence: number; readonly hash: string };
}
