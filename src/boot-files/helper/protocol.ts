import type { FileChange } from '../../domain/change.ts';
import { ConntrackError, type Conflict, type FieldError } from '../../domain/conntrack-error.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';

/** A connection carries one request and one reply, both JSON; each side ends its stream after it. */
export type HelperRequest =
  /** Checks, without writing, whether files can be written. */
  | { readonly ask: 'ready' }
  /** Checks, without writing, whether `apply` would succeed with these changes. */
  | { readonly ask: 'check'; readonly changes: readonly FileChange[] }
  | { readonly ask: 'apply'; readonly changes: readonly FileChange[] };

export interface HelperFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly errno?: string;
  readonly remedy?: string;
  readonly conflicts?: readonly Conflict[];
  readonly errors?: readonly FieldError[];
}

export type HelperReply = { readonly done: true } | { readonly failure: HelperFailure };

/** Of one file; the files of this service are below 4 KiB. */
export const FILE_BYTES_MAXIMUM = 16 * 1024;
/** Of the content of all files before and after, in JSON. */
export const REQUEST_BYTES_MAXIMUM = 256 * 1024;
export const REPLY_BYTES_MAXIMUM = 64 * 1024;
/** A client has this long to send its request. */
export const REQUEST_MILLISECONDS = 10_000;

/** The codes that the helper may reply with; a reply with another code is invalid. */
const CODES: readonly ErrorCode[] = [
  'BOOT_FILE_NOT_MANAGED',
  'BOOT_FILE_CHANGED',
  'BOOT_FILE_NOT_WRITABLE',
  'BOOT_FILE_WRITE_FAILED',
  'RESTORE_FAILED',
];

export function failureOf({ code, message, details: { errno, remedy, conflicts, errors } }: ConntrackError): HelperFailure {
  return {
    code,
    message,
    ...(errno !== undefined && { errno }),
    ...(remedy !== undefined && { remedy }),
    ...(conflicts !== undefined && { conflicts }),
    ...(errors !== undefined && { errors }),
  };
}

/** `undefined` for text that is not a reply. */
export function replyOf(text: string): HelperReply | undefined {
  const reply = parsed(text);
  if (!isRecord(reply)) return undefined;
  if (reply['done'] === true) return { done: true };
  const { failure } = reply;
  if (!isRecord(failure) || typeof failure['message'] !== 'string') return undefined;
  return CODES.some((code) => code === failure['code']) ? { failure: failure as unknown as HelperFailure } : undefined;
}

export function errorOf({ code, message, ...details }: HelperFailure): ConntrackError {
  return new ConntrackError(code, message, details);
}

/** `undefined` for text that is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
