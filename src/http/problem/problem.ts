import { ConntrackError, type Conflict, type FieldError } from '../../domain/conntrack-error.ts';
import { ERRORS, type ErrorCode } from '../../domain/error-codes.ts';
import { printable } from '../input/printable.ts';
import type { ChangeDto } from '../documents/change.dto.ts';
import { PlanDto } from '../documents/plan.dto.ts';

/** A problem document (RFC 9457). `type` and `code` are equivalent and stable; `detail` is for humans. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
  readonly conflicts?: readonly Conflict[];
  readonly errno?: string;
  readonly remedy?: string;
  readonly changeId?: number;
  readonly change?: ChangeDto;
  readonly plan?: PlanDto;
}

/** A recorded change that failed, as its reader may see it. */
export class FailedChange extends ConntrackError {
  readonly change: ChangeDto;

  constructor(change: ChangeDto, code: ErrorCode, message: string, details: ConntrackError['details']) {
    // The journal keeps no remedies.
    super(code, message, { remedy: ERRORS[code].remedy, ...details, changeId: change.id });
    this.change = change;
  }
}

export function typeOf(code: ErrorCode): string {
  return `urn:conntrack-api:problem:${code.toLowerCase().replaceAll('_', '-')}`;
}

export function toProblem(error: ConntrackError, requestId: string): Problem {
  const { code, message } = error;
  const { errors, conflicts, errno, remedy, changeId, plan } = error.details;
  return {
    type: typeOf(code),
    title: ERRORS[code].title,
    status: ERRORS[code].status,
    detail: message,
    instance: `urn:conntrack-api:request:${requestId}`,
    code,
    requestId,
    ...(errors && { errors: errors.map(withPrintableFind) }),
    ...(conflicts && { conflicts }),
    ...(errno !== undefined && { errno }),
    ...(remedy !== undefined && { remedy }),
    ...(changeId !== undefined && { changeId }),
    ...(error instanceof FailedChange && { change: error.change }),
    ...(plan && { plan: PlanDto.of(plan) }),
  };
}

function withPrintableFind(error: FieldError): FieldError {
  return error.found === undefined ? error : { ...error, found: printable(error.found) };
}
