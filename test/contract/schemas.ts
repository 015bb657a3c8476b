import { ERRORS, type ErrorCode } from '../../src/domain/error-codes.ts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Operation {
  readonly operationId: string;
  readonly 'x-error-codes'?: readonly ErrorCode[];
  readonly responses: Readonly<
    Partial<Record<string, { readonly content?: Readonly<Partial<Record<string, { readonly schema: object }>>> }>>
  >;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly examples: Readonly<Record<string, { readonly value: object }>>;
  };
}

const FIRST_ERROR_STATUS = 400;

/** The path of each request: below the document's server, or outside it for paths with a server of their own. */
export function requestPath(path: string, operations: object): string {
  return 'servers' in operations ? path : `/api/v1${path}`;
}

/** The operations of a path, by method. Without its servers. */
export function operationsOf<T extends object>(
  operations: Readonly<Record<string, T>>,
): readonly (readonly [method: string, operation: T])[] {
  return Object.entries(operations).filter(([key]) => key !== 'servers');
}

/** The document's schemas, made strict: an undocumented field in a response fails. */
export class Schemas {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly document: OpenApi;
  private readonly validators = new Map<object, ValidateFunction>();

  constructor(document: OpenApi) {
    this.document = document;
    formats.default(this.ajv);
    this.ajv.addSchema(closed(document), 'openapi');
  }

  named(name: string): ValidateFunction {
    return this.ajv.compile({ $ref: `openapi#/components/schemas/${name}` });
  }

  /** The documented statuses: those with a response of their own, and those of the error codes. */
  statuses(operationId: string): readonly string[] {
    const operation = this.operation(operationId);
    const ofErrors = operation?.['x-error-codes']?.map((code) => String(ERRORS[code].status)) ?? [];
    return [...new Set([...Object.keys(operation?.responses ?? {}), ...ofErrors])].filter((status) => status !== 'default');
  }

  /** What is wrong with a response. Empty if it is as documented. */
  faults(operationId: string, status: number, contentType: string, body: unknown): readonly string[] {
    const operation = this.operation(operationId);
    const mediaType = contentType.split(';')[0] ?? '';
    const isDocumented = this.statuses(operationId).includes(String(status));
    const schema = (operation?.responses[String(status)] ?? operation?.responses['default'])?.content?.[mediaType]?.schema;
    if (!isDocumented || !schema) return [`${operationId}: ${status} ${mediaType} is not documented`];
    const { code } = (body ?? {}) as { readonly code?: ErrorCode };
    if (status >= FIRST_ERROR_STATUS && !operation?.['x-error-codes']?.some((each) => each === code))
      return [`${operationId}: the code ${String(code)} is not documented`];
    const validate = this.validatorOf(schema);
    return validate(body)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`);
  }

  private validatorOf(schema: object): ValidateFunction {
    const known = this.validators.get(schema);
    if (known) return known;
    const made = this.ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('#/components', 'openapi#/components')) as object);
    this.validators.set(schema, made);
    return made;
  }

  private operation(operationId: string): Operation | undefined {
    return Object.values(this.document.paths)
      .flatMap((operations) => operationsOf(operations).map(([, operation]) => operation))
      .find((each) => each.operationId === operationId);
  }
}

function closed(document: OpenApi): object {
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [name, { additionalProperties: false, ...schema }]);
  return { components: { schemas: Object.fromEntries(schemas) as object } };
}
