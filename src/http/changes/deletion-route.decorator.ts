import { applyDecorators, HttpCode, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { ErrorCode } from '../../domain/error-codes.ts';
import type { Scope } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { IDEMPOTENCY_KEY, TRACEPARENT } from '../preconditions/headers.ts';
import { JournalHeadInterceptor } from '../preconditions/journal-head.interceptor.ts';

const PROBLEMS: readonly ErrorCode[] = [
  ...(['INVALID_REQUEST', 'MALFORMED_JSON', 'DUPLICATE_FIELD', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const),
  ...(['IDEMPOTENCY_IN_FLIGHT', 'IDEMPOTENCY_KEY_REUSED', 'OUTCOME_UNRECORDED', 'JOURNAL_UNAVAILABLE'] as const),
  ...(['NAMESPACE_NOT_FOUND', 'NAMESPACES_DISABLED', 'NOT_SUPPORTED_HERE', 'TOO_MANY_DUMPS'] as const),
  ...(['KERNEL_REFUSED', 'KERNEL_UNREADABLE', 'RESOURCES_EXHAUSTED', 'CONNTRACK_NOT_LOADED'] as const),
];

/** A route that deletes or updates entries: it supports `Idempotency-Key`, and every response carries the head of the journal. */
export function ChangesEntries(scope: Scope, ...problems: readonly ErrorCode[]): MethodDecorator {
  return applyDecorators(
    HttpCode(200),
    RequiresScope(scope),
    UseInterceptors(JournalHeadInterceptor),
    ApiHeader(IDEMPOTENCY_KEY),
    ApiHeader(TRACEPARENT),
    Problems(...PROBLEMS, ...problems),
  );
}
