import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import type { ChangeTerms } from '../../application/change-terms.ts';
import type { Idempotency } from '../../domain/change.ts';
import { canonicalJson } from './canonical-json.ts';
import { idempotencyKeyIn } from './idempotency-key.ts';
import { expectationIn } from './if-match.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether a request that may move the host must say which state it expects; the same for all. */
    requireIfMatch: boolean;
  }
}

/** What the headers of a request say about the change it asks for. */
export interface RequestConditions {
  readonly isExpected: ChangeTerms['isExpected'];
  /** `null` without an Idempotency-Key. */
  readonly idempotencyOf: (body: object) => Idempotency | null;
}

/** @throws ConntrackError `INVALID_REQUEST`, `PRECONDITION_REQUIRED` */
export const Conditions = createParamDecorator((_data: unknown, context: ExecutionContext): RequestConditions => {
  const { method, url, headers, requireIfMatch } = context.switchToHttp().getRequest<FastifyRequest>();
  const sent = headers['idempotency-key'];
  const key = sent === undefined ? undefined : idempotencyKeyIn(String(sent));
  return {
    isExpected: expectationIn(headers['if-match'], requireIfMatch),
    idempotencyOf: (body) => (key === undefined ? null : { key, fingerprint: fingerprintOf(method, url, body) }),
  };
});

/** Two requests with the same fingerprint ask for the same, however their JSON is laid out. */
function fingerprintOf(method: string, url: string, body: object): string {
  return createHash('sha256')
    .update(`${method} ${url}\n${canonicalJson(body)}`)
    .digest('hex');
}
