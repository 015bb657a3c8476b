import type { Entry, EntryPage } from '../../../src/domain/entry.ts';

/** The parts of the API's responses that the kernel tests check. */
export interface SettingAnswer {
  readonly value: number;
  readonly persisted?: number;
  readonly writable: boolean;
  readonly notWritable?: string;
}

export interface ChangeAnswer {
  readonly id: number;
  readonly kind: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly rollbackOf: number | null;
  readonly settings: readonly {
    readonly name: string;
    readonly before: number;
    readonly requested: number;
    readonly after: number | null;
  }[];
  readonly files: readonly { readonly path: string; readonly before: string | null; readonly after: string | null }[];
}

export interface ChangesAnswer {
  readonly items: readonly ChangeAnswer[];
}

export interface ProblemAnswer {
  readonly code: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly errno?: string;
  readonly changeId?: number;
}

export interface EntriesAnswer {
  readonly items: readonly Entry[];
  readonly nextCursor?: string;
  readonly summary: EntryPage['summary'];
}
