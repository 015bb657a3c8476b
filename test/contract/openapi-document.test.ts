import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ERROR_CODES } from '../../src/domain/error-codes.ts';
import { startService, type Service } from '../e2e/service.ts';
import { operationsOf, Schemas, type OpenApi } from './schemas.ts';

type Examples = Readonly<Record<string, { readonly summary: string; readonly value: Readonly<Record<string, unknown>> }>>;

interface Described {
  readonly summary?: string;
  readonly description?: string;
  readonly operationId?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly example?: unknown; readonly schema?: object }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref: string }; readonly examples?: Examples }>>;
  };
  readonly security?: readonly object[];
  readonly 'x-error-codes'?: readonly string[];
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly examples?: object }>> }>
  >;
}

let service: Service;
let document: OpenApi;
let operations: readonly Described[];

beforeAll(async () => {
  service = await startService();
  document = (await service.raw('get', '/openapi.json')).body as OpenApi;
  operations = Object.values(document.paths).flatMap((path) =>
    operationsOf(path).map(([, operation]) => operation as unknown as Described),
  );
});
afterAll(() => service.close());

describe('the OpenAPI document', () => {
  it('in the repository is the one that is served', () => {
    expect(parse(readFileSync(join(import.meta.dirname, '../../openapi/openapi.yaml'), 'utf8'))).toEqual(document);
  });

  it('describes every operation: summary, description, id, security and problem documents with examples', () => {
    expect(operations.length).toBeGreaterThan(14);
    for (const operation of operations) {
      expect(operation.summary, operation.operationId).toMatch(/\S/);
      expect(operation.description, operation.operationId).toMatch(/(Required scopes: `|Needs any valid token|Needs no token)/);
      expect(operation.security, operation.operationId).toBeDefined();
      const codes = Object.keys(operation.responses['default']?.content?.['application/problem+json']?.examples ?? {});
      expect(codes.toSorted(), operation.operationId).toEqual(operation['x-error-codes']?.toSorted());
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('lists every error code of an operation', () => {
    const used = new Set(operations.flatMap((operation) => operation['x-error-codes'] ?? []));
    expect(ERROR_CODES.filter((code) => !used.has(code))).toEqual(['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED']);
  });

  it('has examples that match its schemas', () => {
    const isProblem = new Schemas(document).named('Problem');
    for (const [code, { value }] of Object.entries(document.components.examples)) expect(isProblem(value), code).toBe(true);
  });

  it('offers no example as the value of an optional parameter, which Swagger UI would send', () => {
    const optional = operations.flatMap(({ parameters = [] }) => parameters.filter((each) => each.in !== 'path'));
    expect(optional.length).toBeGreaterThan(50);
    expect(optional.filter(({ example, schema }) => example !== undefined || (schema && 'example' in schema))).toEqual([]);
  });

  it('offers for each body examples that match its schema, dry runs where there are any, without acknowledged risks', () => {
    const schemas = new Schemas(document);
    const withoutDryRun: string[] = [];
    for (const { operationId = '', requestBody } of operations) {
      const content = requestBody?.content['application/json'];
      if (!content) continue;
      const name = content.schema.$ref.split('/').at(-1) ?? '';
      const { properties } = document.components.schemas[name] as { readonly properties: object };
      const examples = Object.values(content.examples ?? {});
      expect(examples.length, operationId).toBeGreaterThan(0);
      for (const { value } of examples) {
        expect(schemas.named(name)(value), `${operationId}: ${JSON.stringify(value)}`).toBe(true);
        expect(value, operationId).not.toHaveProperty('acknowledge');
        if ('dryRun' in properties) expect(value, operationId).toHaveProperty('dryRun', true);
      }
      if (!('dryRun' in properties)) withoutDryRun.push(operationId);
    }
    // Swagger UI asks for the id that most of them need. The first examples of configurations change no setting.
    expect(withoutDryRun.toSorted()).toEqual([
      'configureDesired',
      'configureGuard',
      'confirmChange',
      'createToken',
      'createWebhook',
      'deleteEntry',
      'rotateToken',
    ]);
  });

  it('describes every field of every response', () => {
    const fields = Object.entries(document.components.schemas).flatMap(([schema, content]) =>
      Object.entries((content as { properties?: Record<string, { description?: string }> }).properties ?? {}).map(
        ([field, { description }]) => [`${schema}.${field}`, description] as const,
      ),
    );
    expect(fields.filter(([, description]) => !description).map(([field]) => field)).toEqual([]);
  });
});
