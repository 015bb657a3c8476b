import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import type { ChangeTerms } from '../../application/change/change-terms.ts';
import { canonicalJson, type Json } from '../../domain/canonical-json.ts';
import type { Idempotency } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { foundIn } from '../input/printable.ts';
import { idempotencyKeyIn } from './idempotency-key.ts';
import { etagCheckIn, expectationIn, type EtagCheck } from './if-match.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether changes require `If-Match`. The same for all requests. */
    requireIfMatch: boolean;
  }
}

/** `null` without an Idempotency-Key. */
export type IdempotencyOf = (body: object) => Idempotency | null;

/** The preconditions that a request's headers put on its change. */
export interface RequestConditions {
  readonly isExpected: ChangeTerms['isExpected'];
  readonly idempotencyOf: IdempotencyOf;
}

/** @throws ConntrackError `INVALID_REQUEST`, `PRECONDITION_REQUIRED` */
export const Conditions = createParamDecorator((_data: unknown, context: ExecutionContext): RequestConditions => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const { headers, requireIfMatch } = request;
  return { isExpected: expectationIn(headers['if-match'], requireIfMatch), idempotencyOf: idempotencyIn(request) };
});

/** For requests that replace a configuration, `guard` or `desired`, whose ETag is its own. @throws ConntrackError `INVALID_REQUEST`, `PRECONDITION_REQUIRED` */
export const MatchesEtag = createParamDecorator((resource: string, context: ExecutionContext): EtagCheck | null => {
  const { headers, requireIfMatch } = context.switchToHttp().getRequest<FastifyRequest>();
  return etagCheckIn(headers['if-match'], requireIfMatch, resource);
});

/** For requests whose target has no ETag. @throws ConntrackError `INVALID_REQUEST`, also for an `If-Match`, which must not be ignored */
export const Idempotent = createParamDecorator((_data: unknown, context: ExecutionContext): IdempotencyOf => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const ifMatch = request.headers['if-match'];
  if (ifMatch === undefined) return idempotencyIn(request);
  throw new ConntrackError('INVALID_REQUEST', 'If-Match does not apply here: the target of this request has no ETag.', {
    errors: [{ field: 'If-Match', expected: 'no such header', ...foundIn(ifMatch) }],
  });
});

function idempotencyIn({ method, url, headers }: FastifyRequest): IdempotencyOf {
  const sent = headers['idempotency-key'];
  const key = sent === undefined ? undefined : idempotencyKeyIn(String(sent));
  return (body) => (key === undefined ? null : { key, fingerprint: fingerprintOf(method, url, body) });
}

/** Equal for requests that differ only in the order of fields or in white space. Omitted fields are `undefined` in `body`, and JSON drops them. */
function fingerprintOf(method: string, url: string, body: object): string {
  const sent = JSON.parse(JSON.stringify(body)) as Json;
  return createHash('sha256')
    .update(`${method} ${url}\n${canonicalJson(sent)}`)
    .digest('hex');
}
