import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import { errnoOf } from '../domain/conntrack-error.ts';

/** What the operating system said. */
export interface SystemFailure {
  /** `EACCES`, …; `MALFORMED` where a file was read and its text not understood. */
  readonly code: string;
  readonly message: string;
}

/** Without the path that Node puts into its message: it is below the root, not what an operator knows. @throws what is no system error */
export function systemFailure(error: unknown): SystemFailure {
  const code = errnoOf(error);
  if (code === undefined || !(error instanceof Error)) throw error;
  const message = 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : error.message;
  return { code, message };
}

export function isAbsent({ code }: SystemFailure): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A call of the C library that failed. */
export class SystemCallError extends Error {
  readonly call: string;
  readonly failure: SystemFailure;

  /** @param errno as the C library gives it, positive */
  constructor(call: string, errno: number) {
    const failure = systemFailureOf(errno);
    super(`${call}: ${failure.message} (${failure.code})`);
    this.call = call;
    this.failure = failure;
  }
}

/** @param errno as the C library gives it, positive */
export function systemFailureOf(errno: number): SystemFailure {
  return { code: getSystemErrorName(-errno), message: getSystemErrorMessage(-errno) };
}
