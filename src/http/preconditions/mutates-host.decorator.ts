import { applyDecorators, HttpCode, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { ErrorCode } from '../../domain/error-codes.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { IDEMPOTENCY_KEY, IF_MATCH } from './headers.ts';
import { JournalHeadInterceptor } from './journal-head.interceptor.ts';

/** What every request that may move the host can be refused with, and how it can fail. */
const PROBLEMS: readonly ErrorCode[] = [
  'INVALID_REQUEST',
  'MALFORMED_JSON',
  'DUPLICATE_FIELD',
  'IDEMPOTENCY_IN_FLIGHT',
  'BOOT_FILE_NOT_MANAGED',
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
  'JOURNAL_UNAVAILABLE',
];

/** What one that writes live values can be refused with besides, and how it can fail. */
export const VALUE_PROBLEMS: readonly ErrorCode[] = [
  'SETTING_NOT_WRITABLE',
  'RISK_UNACKNOWLEDGED',
  'KERNEL_REFUSED',
  'WRITE_NOT_EFFECTIVE',
  'KERNEL_UNREADABLE',
];

/** A route that may move the host: it honours If-Match and Idempotency-Key, and every answer carries the head of the journal. */
export function MutatesHost(...problems: readonly ErrorCode[]): MethodDecorator {
  return applyDecorators(
    HttpCode(200),
    UseInterceptors(JournalHeadInterceptor),
    ApiHeader(IF_MATCH),
    ApiHeader(IDEMPOTENCY_KEY),
    Problems(...PROBLEMS, ...problems),
  );
}
