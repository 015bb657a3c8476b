import type { DeletedEntries, DeletionRequest } from './deletion.ts';
import type { EntryUpdateRequest, UpdatedEntries } from './entry-update.ts';
import type { ErrorCode } from './error-codes.ts';
import type { GuardEvidence } from './guard/guard-config.ts';
import type { Layout } from './layout.ts';
import type { NamespaceRef } from './namespace.ts';
import type { SettingName } from './setting.ts';
import type { Actor } from './token.ts';

/** A file's bytes, one character a byte (latin1), so that any content survives a round trip. `null`: the file does not exist. */
export type FileContent = string | null;

export interface FileChange {
  /** Absolute, as the host sees it (`/etc/sysctl.d/…`), regardless of `--root`. */
  readonly path: string;
  readonly before: FileContent;
  readonly after: FileContent;
}

export interface SettingChange {
  readonly name: SettingName;
  /** The live value, read under the write lock. */
  readonly before: number;
  readonly requested: number;
  /** The last confirmed value, if `before` was waiting for the confirmation of another change: undoing this change restores it. */
  readonly confirmedBefore?: number;
}

/** Everything that a change may modify. The ETag of the settings is computed from it. */
export interface HostState {
  readonly layout: Layout;
  /** Identity of a network namespace other than that of the service. */
  readonly namespace?: string;
  /** `null`: the setting cannot be read. */
  readonly settings: Readonly<Record<SettingName, number | null>>;
  readonly files: Readonly<Record<string, FileContent>>;
}

/**
 * `rollback-to` restores the state after an earlier change; `confirmation` ends a confirmation window and writes its boot files, `window-extended`
 * restarts it, `auto-revert` reverts the change when it expires; `drift` records a value that another program changed; `deletion` deletes
 * entries from the table, changes no setting or file, and cannot be rolled back; `entry-update` updates entries; `reapply` sets values again after a reboot lost them; `module-load`
 * loads connection tracking, and cannot be rolled back; `unblock` removes the blocks of a deletion that ended connections.
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
  'module-load',
  'entry-update',
  'unblock',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A time on CLOCK_BOOTTIME, which counts from boot, continues in suspend and is independent of the wall clock. */
interface BootInstant {
  /** `null` if the boot id cannot be read. */
  readonly bootId: string | null;
  readonly milliseconds: number;
}

/** Commit-confirm: the change is reverted unless it is confirmed in time. */
export interface ConfirmWindow {
  readonly withinSeconds: number;
  readonly deadline: BootInstant;
  /** Boot files are written at confirmation. */
  readonly persist: boolean;
  /** Present if they are written under a name that sorts after other files. */
  readonly last?: true;
}

/** From the Idempotency-Key header. A key of a token identifies one request. */
export interface Idempotency {
  readonly key: string;
  /** Hash of the request. The same key with another fingerprint is an error of the client. */
  readonly fingerprint: string;
}

/** Stored durably before the host is changed. Never updated. */
export interface Intent {
  readonly kind: ChangeKind;
  readonly startedAt: Date;
  readonly bootId: string | null;
  readonly actor: Actor;
  readonly requestId: string;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string;
  readonly reason: string | null;
  /** The change that this one reverts (rollback, auto-revert). */
  readonly rollbackOf: number | null;
  /** The change that this one refers to without reverting it (rollback-to, confirmation, window-extended). */
  readonly relatesTo: number | null;
  readonly confirm: ConfirmWindow | null;
  readonly idempotency: Idempotency | null;
  /** Codes of the risks that the caller accepted. */
  readonly acknowledged: readonly string[];
  /** Whose settings or entries it changes; absent: those of the network namespace of the service. A deletion has its own field. */
  readonly namespace?: NamespaceRef;
  /** In the order in which they will be written. */
  readonly settings: readonly SettingChange[];
  readonly files: readonly FileChange[];
  /** Present exactly if the kind is `deletion`. */
  readonly deletion?: DeletionRequest;
  /** Present if entries are updated: the kind is `entry-update`, or the `rollback` of such a change. */
  readonly update?: EntryUpdateRequest;
  /** Present if the capacity guard made the change: why it did. */
  readonly guard?: GuardEvidence;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly errno?: string;
}

/** The state of the host when the change was closed. */
export interface Observation {
  /** `null`: the setting could not be read. */
  readonly settings: Readonly<Record<SettingName, number | null>>;
  /** Content by path. */
  readonly files: Readonly<Record<string, FileContent>>;
}

/** Fields of every outcome. */
interface Ending {
  readonly completedAt: Date;
  readonly observed: Observation;
  /** Of a deletion, if it is known what was deleted. */
  readonly deleted?: DeletedEntries;
  /** Of an update of entries, if its results are known. */
  readonly updated?: UpdatedEntries;
}

/** How a change ended. Only what was observed is recorded. */
export type Outcome = Ending &
  (
    | { readonly outcome: 'applied' }
    /** Applied, and the kernel adjusted the value as documented: 1000 buckets became 1024. */
    | { readonly outcome: 'adjusted' }
    /** Refused by the kernel or the file system; everything already written has been rolled back. */
    | { readonly outcome: 'failed'; readonly failure: Failure }
    /** Failed, and the rollback failed too: the host needs attention. */
    | { readonly outcome: 'restore-failed'; readonly failure: Failure; readonly restoreFailure: Failure }
    /** A write succeeded and reads back differently; everything already written has been rolled back. */
    | { readonly outcome: 'not-effective'; readonly failure: Failure }
    /** Found open at start because the process was killed during the change. Another program may have written the same value, so only the state is recorded. */
    | { readonly outcome: 'recovered-applied' }
    | { readonly outcome: 'recovered-unchanged' }
    /**
     * The host has neither the old nor the requested state. `failure`: of a deletion that stopped halfway or whose progress is unknown, of
     * an update that was refused for some entries, and of a change in a network namespace that can no longer be read.
     */
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

/** `pending` outlives the request only if the process was killed during the change. */
export type Change = Intent & { readonly id: number } & ({ readonly outcome: 'pending' } | Outcome);

export type ClosedChange = Intent & { readonly id: number } & Outcome;

/** Whether the change left the host in another state than before, as far as observed. */
export function tookEffect(change: Change): change is ClosedChange {
  return !['pending', 'failed', 'not-effective', 'recovered-unchanged'].includes(change.outcome);
}

/** Whether the confirmation window has expired: its deadline has passed, or belongs to an earlier boot. */
export function isDue({ deadline }: ConfirmWindow, bootId: string | null, bootMilliseconds: number): boolean {
  return deadline.bootId !== bootId || bootMilliseconds >= deadline.milliseconds;
}
