import type { ChangePlan } from './change-plan.ts';
import type { ErrorCode } from './error-codes.ts';

/** An error in one field of a request. */
export interface FieldError {
  /** The field: `settings.max`, `reason`, `limit`. */
  readonly field: string;
  readonly expected: string;
  /** The value found, as text; absent if the field is missing. */
  readonly found?: string;
}

/** A value that has changed since, and that a rollback would overwrite. */
export interface Conflict {
  /** The name of a setting, the path of a boot file, or `entries[3]`: the fourth entry of an update. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
  /** The recorded change that modified it; absent if another program did. */
  readonly changedBy?: number;
}

export interface ErrorDetails {
  readonly errors?: readonly FieldError[];
  readonly conflicts?: readonly Conflict[];
  /** The error name of the kernel or the file system: `EACCES`, `EINVAL`. */
  readonly errno?: string;
  /** Another process locks the file: the same action may succeed within milliseconds. */
  readonly isLocked?: true;
  /** What the operator can do. */
  readonly remedy?: string;
  /** The plan that was refused. */
  readonly plan?: ChangePlan;
  /** The recorded change this failure belongs to. */
  readonly changeId?: number;
  readonly cause?: unknown;
}

/** The only error whose message reaches a client. Any other error is a bug and becomes INTERNAL. */
export class ConntrackError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'ConntrackError';
    this.code = code;
    this.details = details;
  }
}

/** The first of two errors, if closing the file that could not be used failed as well. Node 22 has no global `SuppressedError`. */
export function firstError(error: unknown): unknown {
  return error instanceof Error && 'suppressed' in error ? firstError(error.suppressed) : error;
}

/** The `code` of a Node system error (`ENOENT`), if it is one. */
export function errnoOf(reported: unknown): string | undefined {
  const error = firstError(reported);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
