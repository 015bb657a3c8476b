import { operationsOf, requestPath } from '../contract/schemas.ts';
import type { Scope } from '../../src/domain/token.ts';

/** The part of JSON schema that this document uses for requests. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, unknown>>;
  readonly 'x-required-scopes'?: readonly Scope[];
}

interface MediaType {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** They keep values as they are, so that later changes and rollbacks are refused or undone. */
const CONFIGURATIONS = /^\/api\/v1\/(guard|desired)/;

/** The endpoints of each tag, and then those of configurations. */
export function endpointGroups(document: Document): ReadonlyMap<string, readonly Endpoint[]> {
  const endpoints = Object.entries(document.paths).flatMap(([path, operations]) =>
    operationsOf(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: requestPath(path, operations),
      operation,
    })),
  );
  const [configuring = [], others = []] = [true, false].map((is) => endpoints.filter(({ path }) => CONFIGURATIONS.test(path) === is));
  return new Map([...Map.groupBy(others, ({ operation }) => operation.tags[0] ?? 'none'), ['configurations', configuring]]);
}
