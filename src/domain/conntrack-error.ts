import type { ChangePlan } from './change-plan.ts';
import type { ErrorCode } from './error-codes.ts';

/** One thing wrong with one named part of a request. */
export interface FieldError {
  /** Where: `settings.max`, `reason`, `limit`. */
  readonly field: string;
  readonly expected: string;
  /** What was there instead, as text; absent when nothing was there. */
  readonly found?: string;
}

/** Who moved a value that a rollback would have to overwrite. */
export interface Conflict {
  /** A settings name or the path of a boot file. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
  /** The recorded change that moved it; absent when nobody recorded it (an outsider). */
  readonly changedBy?: number;
}

export interface ErrorDetails {
  readonly errors?: readonly FieldError[];
  readonly conflicts?: readonly Conflict[];
  /** The kernel's or file system's own word: `EACCES`, `EINVAL`. */
  readonly errno?: string;
  /** What the operator can do about it. */
  readonly remedy?: string;
  /** What was refused, in full. */
  readonly plan?: ChangePlan;
  /** The recorded change this failure belongs to. */
  readonly changeId?: number;
  readonly cause?: unknown;
}

/** The only error that is meant to reach a client; anything else is a bug and answers INTERNAL. */
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

/** The `code` of a Node system error (`ENOENT`), if it is one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
