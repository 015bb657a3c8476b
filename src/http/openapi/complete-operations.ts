import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from '../../domain/error-codes.ts';
import type { Scope } from '../../domain/token.ts';
import { ProblemDto } from '../problem/problem.dto.ts';
import { typeOf } from '../problem/problem.ts';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  readonly 'x-required-scopes'?: readonly Scope[];
  readonly 'x-error-codes'?: readonly ErrorCode[];
};

type ResponseObject = Operation['responses'][string];

const METHODS = ['get', 'head', 'post', 'patch', 'delete'] as const;
const ALWAYS: readonly ErrorCode[] = ['INTERNAL'];
const NOT_ON_PROBES: readonly ErrorCode[] = ['HOST_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED', 'RATE_LIMITED'];
const WITH_TOKEN: readonly ErrorCode[] = [
  'UNAUTHENTICATED',
  'TOKEN_ALTERED',
  'TOKEN_EXPIRED',
  'TOKEN_REVOKED',
  'JOURNAL_UNAVAILABLE',
  'ISSUER_UNAVAILABLE',
  ...NOT_ON_PROBES,
];
const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait before the next attempt.', schema: { type: 'integer' as const, minimum: 1 }, example: 5 },
};
const EXAMPLE_REQUEST_ID = '5f0c9e1e-8f0e-4c0b-9a53-0a8c7f3b1d11';

/** Adds the scopes and problem documents to every operation, as its decorators declare them. */
export function completeOperations(document: OpenAPIObject): OpenAPIObject {
  const operations = Object.values(document.paths).flatMap((path): Operation[] => METHODS.flatMap((method) => path[method] ?? []));
  const used = new Set(operations.flatMap(complete));
  const examples = Object.fromEntries([...used].sort().map((code) => [code, { summary: ERRORS[code].title, value: exampleOf(code) }]));
  return { ...document, components: { ...document.components, examples } };
}

function complete(operation: Operation): readonly ErrorCode[] {
  const scopes = operation['x-required-scopes'];
  const codes = codesOf(operation);
  operation.description = `${operation.description ?? ''}\n\n${accessSentence(scopes)}`;
  operation.security = scopes ? [{ token: [...scopes] }] : [];
  Object.assign(operation, { 'x-error-codes': codes });
  for (const [status, group] of Map.groupBy(codes, (code) => ERRORS[code].status))
    operation.responses[status] = problemResponse(status, group);
  return codes;
}

/** The router refuses path segments that are too long or have an invalid percent escape. */
function pathProblems(parameters: Operation['parameters'] = []): readonly ErrorCode[] {
  return parameters.some((parameter) => 'in' in parameter && parameter.in === 'path') ? ['INVALID_REQUEST'] : [];
}

function codesOf({ parameters, 'x-required-scopes': scopes, 'x-error-codes': own = [] }: Operation): ErrorCode[] {
  const scoped: readonly ErrorCode[] = scopes && scopes.length > 0 ? ['INSUFFICIENT_SCOPE'] : [];
  const codes = [...own, ...pathProblems(parameters), ...(scopes ? WITH_TOKEN : []), ...scoped, ...ALWAYS];
  return [...new Set(codes)].sort((a, b) => ERRORS[a].status - ERRORS[b].status || (a < b ? -1 : 1));
}

function accessSentence(scopes: readonly Scope[] | undefined): string {
  if (scopes === undefined) return 'Needs no token.';
  return scopes.length === 0 ? 'Needs any valid token.' : `Required scopes: ${scopes.map((scope) => `\`${scope}\``).join(', ')}.`;
}

function problemResponse(status: number, codes: readonly ErrorCode[]): ResponseObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
    ...(status === 429 && { headers: RETRY_AFTER }),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(ProblemDto) },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

function exampleOf(code: ErrorCode): object {
  return {
    type: typeOf(code),
    title: ERRORS[code].title,
    status: ERRORS[code].status,
    detail: ERRORS[code].example,
    instance: `urn:conntrack-api:request:${EXAMPLE_REQUEST_ID}`,
    code,
    requestId: EXAMPLE_REQUEST_ID,
  };
}
