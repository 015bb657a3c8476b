import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from '../../domain/error-codes.ts';
import type { Scope } from '../../domain/token.ts';
import { ProblemDto } from '../problem/problem.dto.ts';
import { typeOf } from '../problem/problem.ts';
import { BODY_EXAMPLES } from './body-examples.ts';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  readonly 'x-required-scopes'?: readonly Scope[];
  readonly 'x-error-codes'?: readonly ErrorCode[];
};

type ResponseObject = NonNullable<Operation['responses'][string]>;
type ParameterObject = Exclude<NonNullable<Operation['parameters']>[number], { readonly $ref: string }>;

const METHODS = ['get', 'head', 'put', 'post', 'patch', 'delete'] as const;
const ALWAYS: readonly ErrorCode[] = ['INTERNAL', 'INVALID_REQUEST'];
const NOT_ON_PROBES: readonly ErrorCode[] = ['HOST_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED', 'RATE_LIMITED'];
const WITH_TOKEN: readonly ErrorCode[] = [
  'UNAUTHENTICATED',
  'TOKEN_ALTERED',
  'TOKEN_EXPIRED',
  'TOKEN_REVOKED',
  'JOURNAL_UNAVAILABLE',
  'RESOURCES_EXHAUSTED',
  'ISSUER_UNAVAILABLE',
  ...NOT_ON_PROBES,
];
const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds to wait before the next attempt. Present with 429 and some 503.',
    schema: { type: 'integer' as const, minimum: 1 },
    example: 5,
  },
};
const EXAMPLE_REQUEST_ID = '5f0c9e1e-8f0e-4c0b-9a53-0a8c7f3b1d11';

/** Adds the scopes and problem documents to every operation, as its decorators declare them. */
export function completeOperations(document: OpenAPIObject): OpenAPIObject {
  const used = new Set(
    Object.values(document.paths).flatMap((path) =>
      METHODS.flatMap((method) => (path[method] ? complete(path[method], queryProblem(method)) : [])),
    ),
  );
  const examples = Object.fromEntries([...used].sort().map((code) => [code, { summary: ERRORS[code].title, value: exampleOf(code) }]));
  return { ...document, components: { ...document.components, examples } };
}

function complete(operation: Operation, unknownQuery: ErrorCode): readonly ErrorCode[] {
  const scopes = operation['x-required-scopes'];
  const codes = codesOf(operation, unknownQuery);
  operation.description = `${operation.description ?? ''}\n\n${accessSentence(scopes)}`;
  operation.security = scopes ? [{ token: [...scopes] }] : [];
  Object.assign(operation, { 'x-error-codes': codes });
  operation.responses['default'] = problemResponse(codes);
  for (const parameter of operation.parameters ?? [])
    if ('in' in parameter && !(parameter.in === 'path' && parameter.name === 'name')) describeExample(parameter);
  addBodyExamples(operation);
  return codes;
}

/**
 * Swagger UI sends the example of a parameter unless the user deletes it, so that examples stand in the description. Only the name of a
 * setting keeps its example: every host has that setting, but not that id.
 */
function describeExample(parameter: ParameterObject): void {
  const { schema } = parameter;
  if (!schema || '$ref' in schema) return;
  const example: unknown = parameter.example ?? schema.example;
  if (example === undefined) return;
  parameter.description =
    `${parameter.description ?? ''} Example: \`${typeof example === 'string' ? example : JSON.stringify(example)}\`.`.trim();
  delete parameter.example;
  delete schema.example;
}

/** The first example is the one that Swagger UI offers to send. */
function addBodyExamples({ operationId = '', requestBody }: Operation): void {
  const examples = BODY_EXAMPLES[operationId];
  if (!requestBody || '$ref' in requestBody || !examples) return;
  const named = Object.entries(examples).map(
    ([summary, value]) => [summary.toLowerCase().replaceAll(/\W+/g, '-'), { summary, value }] as const,
  );
  for (const content of Object.values(requestBody.content)) content.examples = Object.fromEntries(named);
}

/** The code for query parameters that an operation does not have. */
function queryProblem(method: (typeof METHODS)[number]): ErrorCode {
  return method === 'get' || method === 'head' ? 'INVALID_FILTER' : 'INVALID_REQUEST';
}

function codesOf({ 'x-required-scopes': scopes, 'x-error-codes': own = [] }: Operation, unknownQuery: ErrorCode): ErrorCode[] {
  const scoped: readonly ErrorCode[] = scopes && scopes.length > 0 ? ['INSUFFICIENT_SCOPE'] : [];
  const codes = [...own, unknownQuery, ...(scopes ? WITH_TOKEN : []), ...scoped, ...ALWAYS];
  return [...new Set(codes)].sort((a, b) => ERRORS[a].status - ERRORS[b].status || (a < b ? -1 : 1));
}

function accessSentence(scopes: readonly Scope[] | undefined): string {
  if (scopes === undefined) return 'Needs no token.';
  return scopes.length === 0 ? 'Needs any valid token.' : `Required scopes: ${scopes.map((scope) => `\`${scope}\``).join(', ')}.`;
}

function problemResponse(codes: readonly ErrorCode[]): ResponseObject {
  const rows = codes.map((code) => `| ${ERRORS[code].status} | \`${code}\` | ${ERRORS[code].title} |`);
  return {
    description: ['Error.', '', '| Status | Code | Meaning |', '| --- | --- | --- |', ...rows].join('\n'),
    headers: RETRY_AFTER,
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
