import type { Failure } from './change.ts';
import { ConntrackError } from './conntrack-error.ts';

/** An error as the record of a change has it. */
export function toFailure(error: unknown): Failure {
  if (!(error instanceof ConntrackError)) return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  const { errno } = error.details;
  return { code: error.code, message: error.message, ...(errno === undefined ? {} : { errno }) };
}
