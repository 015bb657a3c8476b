import type { DeletedEntries, DeletionRequest } from './deletion.ts';
import type { ErrorCode } from './error-codes.ts';
import type { Layout } from './layout.ts';
import type { SettingName } from './setting.ts';
import type { Actor } from './token.ts';

/** A file's bytes, one character a byte (latin1), so that any file survives a round trip; `null`: the file does not exist. */
export type FileContent = string | null;

export interface FileChange {
  /** Absolute, as the host sees it: `/etc/sysctl.d/…`, whatever root the service hangs from. */
  readonly path: string;
  readonly before: FileContent;
  readonly after: FileContent;
}

export interface SettingChange {
  readonly name: SettingName;
  /** The live value read in the writer lane. */
  readonly before: number;
  readonly requested: number;
}

/** Everything that a change may modify. The ETag of the settings is computed from it. */
export interface HostState {
  readonly layout: Layout;
  /** `null`: the setting cannot be read. */
  readonly settings: Readonly<Record<SettingName, number | null>>;
  readonly files: Readonly<Record<string, FileContent>>;
}

/**
 * `rollback-to` restores the state after an earlier change; `confirmation` ends a confirmation window and writes its boot files, `window-extended`
 * starts it anew, `auto-revert` is what happens when it runs out; `drift` is a value that somebody else was seen to have moved; `deletion`
 * takes entries out of the table, moves no setting and no file, and cannot be rolled back; `reapply` sets again at start what a reboot undid.
 */
export const CHANGE_KINDS = [
  'change',
  'rollback',
  'rollback-to',
  'confirmation',
  'window-extended',
  'auto-revert',
  'drift',
  'deletion',
  'reapply',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A moment on the clock that counts from boot and goes on in suspend (CLOCK_BOOTTIME): setting the wall clock does not move it. */
export interface BootInstant {
  /** `null` where the boot id cannot be read. */
  readonly bootId: string | null;
  readonly milliseconds: number;
}

/** Commit-confirm: unless somebody confirms in time, the change is reverted. */
export interface ConfirmWindow {
  readonly withinSeconds: number;
  readonly deadline: BootInstant;
  /** Boot files are written at confirmation. */
  readonly persist: boolean;
  /** Present where they are written under a name that is read after those of others. */
  readonly last?: true;
}

/** From the Idempotency-Key header; one key of one token stands for one request. */
export interface Idempotency {
  readonly key: string;
  /** Of the request: the same key with another one is a mistake of the client. */
  readonly fingerprint: string;
}

/** What is made durable before anything moves. Never updated. */
export interface Intent {
  readonly kind: ChangeKind;
  readonly startedAt: Date;
  readonly bootId: string | null;
  readonly actor: Actor;
  readonly requestId: string;
  readonly reason: string | null;
  /** The change this one undoes (rollback, auto-revert). */
  readonly rollbackOf: number | null;
  /** The change this one is about without undoing it (rollback-to, confirmation, window-extended). */
  readonly relatesTo: number | null;
  readonly confirm: ConfirmWindow | null;
  readonly idempotency: Idempotency | null;
  /** Codes of the risks that the caller accepted. */
  readonly acknowledged: readonly string[];
  /** In the order in which they will be written. */
  readonly settings: readonly SettingChange[];
  readonly files: readonly FileChange[];
  /** Present exactly where the kind is `deletion`. */
  readonly deletion?: DeletionRequest;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly errno?: string;
}

/** What was seen on the host when the change was closed. */
export interface Observation {
  /** `null`: it could not be read. */
  readonly settings: Readonly<Record<SettingName, number | null>>;
  /** Content by path. */
  readonly files: Readonly<Record<string, FileContent>>;
}

/** What every outcome says. */
interface Ending {
  readonly completedAt: Date;
  readonly observed: Observation;
  /** Of a deletion, where it is known what was deleted. */
  readonly deleted?: DeletedEntries;
}

/** How a change ended. Rows say what was observed, never more. */
export type Outcome = Ending &
  (
    | { readonly outcome: 'applied' }
    /** Done, and the kernel made something else of it in its documented way: 1000 buckets became 1024. */
    | { readonly outcome: 'adjusted' }
    /** Refused by kernel or file system; what was done is undone. */
    | { readonly outcome: 'failed'; readonly failure: Failure }
    /** Failed, and so did undoing it: the host needs a person. */
    | { readonly outcome: 'restore-failed'; readonly failure: Failure; readonly restoreFailure: Failure }
    /** A write of a setting or a boot file claimed success and what is read back is another; what was done is undone. */
    | { readonly outcome: 'not-effective'; readonly failure: Failure }
    /** Found open at start: the process died in the middle. Somebody else may have written the same value, so: observed. */
    | { readonly outcome: 'recovered-applied' }
    | { readonly outcome: 'recovered-unchanged' }
    /** The host is neither as it was nor as asked. `failure`: a deletion that broke off, or of which nobody knows how far it came. */
    | { readonly outcome: 'diverged'; readonly failure?: Failure }
  );

export type OutcomeName = Outcome['outcome'] | 'pending';

export const OUTCOME_NAMES = [
  'pending',
  'applied',
  'adjusted',
  'failed',
  'restore-failed',
  'not-effective',
  'recovered-applied',
  'recovered-unchanged',
  'diverged',
] as const satisfies readonly OutcomeName[];

/** `pending` outlives the request only if the process died in the middle. */
export type Change = Intent & { readonly id: number } & ({ readonly outcome: 'pending' } | Outcome);

export type ClosedChange = Intent & { readonly id: number } & Outcome;

/** Whether the host was left otherwise than before, as far as was seen. */
export function tookEffect(change: Change): change is ClosedChange {
  return !['pending', 'failed', 'not-effective', 'recovered-unchanged'].includes(change.outcome);
}

/** Whether the confirmation window has expired: its deadline has passed, or belongs to an earlier boot. */
export function isDue({ deadline }: ConfirmWindow, bootId: string | null, bootMilliseconds: number): boolean {
  return deadline.bootId !== bootId || bootMilliseconds >= deadline.milliseconds;
}
