import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import { errnoOf, firstError } from '../domain/conntrack-error.ts';

/** An error of the operating system. */
export interface SystemFailure {
  /** `EACCES`, …; `MALFORMED` if the text of a file cannot be parsed. */
  readonly code: string;
  readonly message: string;
}

/** Omits the path of Node's message, which includes the root. @throws the error itself if it is not a system error */
export function systemFailure(reported: unknown): SystemFailure {
  const error = firstError(reported);
  const code = errnoOf(error);
  if (code === undefined || !(error instanceof Error)) throw error;
  const message = 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : error.message;
  return { code, message };
}

export function isAbsent({ code }: SystemFailure): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A failed call of the C library. */
export class SystemCallError extends Error {
  readonly call: string;
  readonly failure: SystemFailure;

  /** @param errno positive, as the C library returns it */
  constructor(call: string, errno: number) {
    const failure = systemFailureOf(errno);
    super(`${call}: ${failure.message} (${failure.code})`);
    this.call = call;
    this.failure = failure;
  }
}

/** @param errno positive, as the C library returns it */
export function systemFailureOf(errno: number): SystemFailure {
  return { code: getSystemErrorName(-errno), message: getSystemErrorMessage(-errno) };
}
