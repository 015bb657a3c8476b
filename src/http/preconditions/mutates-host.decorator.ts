import { applyDecorators, HttpCode, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { NAMESPACE_PROBLEMS, Problems } from '../openapi/problems.decorator.ts';
import { IDEMPOTENCY_KEY, IF_MATCH, TRACEPARENT } from './headers.ts';
import { JournalHeadInterceptor } from './journal-head.interceptor.ts';

/** Error codes of every request that changes settings or boot files. */
const PROBLEMS: readonly ErrorCode[] = [
  'INVALID_REQUEST',
  'MALFORMED_JSON',
  'DUPLICATE_FIELD',
  'IDEMPOTENCY_IN_FLIGHT',
  'BOOT_FILE_NOT_MANAGED',
  'BOOT_FILE_NOT_WRITABLE',
  'BOOT_FILE_CHANGED',
  'BOOT_RESULT_CHANGED',
  'PRECONDITION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'IDEMPOTENCY_KEY_REUSED',
  'PRECONDITION_REQUIRED',
  'BOOT_FILE_WRITE_FAILED',
  'RESTORE_FAILED',
  'OUTCOME_UNRECORDED',
  'CONNTRACK_NOT_LOADED',
  'RESOURCES_EXHAUSTED',
  'JOURNAL_UNAVAILABLE',
];

/** Additional error codes of requests about settings that a network namespace may have. */
export const NAMESPACE_CHANGE_PROBLEMS: readonly ErrorCode[] = [...NAMESPACE_PROBLEMS, 'NAMESPACE_REPLACED'];

/** Additional error codes of requests that write live values. */
export const VALUE_PROBLEMS: readonly ErrorCode[] = [
  'SETTING_NOT_WRITABLE',
  'RISK_UNACKNOWLEDGED',
  'KERNEL_REFUSED',
  'WRITE_NOT_EFFECTIVE',
  'KERNEL_UNREADABLE',
  ...NAMESPACE_CHANGE_PROBLEMS,
];

/** A route that changes settings or boot files: it supports `If-Match` and `Idempotency-Key`, and every response has the head of the journal. */
export function MutatesHost(...problems: readonly ErrorCode[]): MethodDecorator {
  return applyDecorators(
    HttpCode(200),
    UseInterceptors(JournalHeadInterceptor),
    ApiHeader(IF_MATCH),
    ApiHeader(IDEMPOTENCY_KEY),
    ApiHeader(TRACEPARENT),
    Problems(...PROBLEMS, ...problems),
  );
}
