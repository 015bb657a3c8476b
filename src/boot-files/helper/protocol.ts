import type { FileChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Conflict } from '../../domain/conntrack-error.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';

/** One request, then the end of what is sent; one reply, then the end of the connection. Both JSON. */
export type HelperRequest =
  /** Whether files could be written, as far as can be told without trying. */
  { readonly ask: 'ready' } | { readonly ask: 'apply'; readonly changes: readonly FileChange[] };

export interface HelperFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly errno?: string;
  readonly remedy?: string;
  readonly conflicts?: readonly Conflict[];
}

export type HelperReply = { readonly done: true } | { readonly failure: HelperFailure };

/** Of one file; ours are below 4 KiB. */
export const FILE_BYTES_MAXIMUM = 16 * 1024;
/** Of all files before and after, with what JSON adds. */
export const REQUEST_BYTES_MAXIMUM = 256 * 1024;
export const REPLY_BYTES_MAXIMUM = 64 * 1024;
/** A client that has not said all by then is not waited for. */
export const REQUEST_MILLISECONDS = 10_000;

/** What can go wrong with boot files; another code from the helper is not believed. */
const CODES: readonly ErrorCode[] = ['BOOT_FILE_NOT_MANAGED', 'BOOT_FILE_CHANGED', 'BOOT_FILE_WRITE_FAILED', 'RESTORE_FAILED'];

export function failureOf({ code, message, details: { errno, remedy, conflicts } }: ConntrackError): HelperFailure {
  return {
    code,
    message,
    ...(errno !== undefined && { errno }),
    ...(remedy !== undefined && { remedy }),
    ...(conflicts !== undefined && { conflicts }),
  };
}

/** `undefined` for anything that is no reply. */
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

/** `undefined` where it is no JSON. */
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
