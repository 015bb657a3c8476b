import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Operation {
  readonly operationId: string;
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

  /** The documented operations. */
  statuses(operationId: string): readonly string[] {
    return Object.keys(this.operation(operationId)?.responses ?? {});
  }

  /** What is wrong with a response. Empty if it is as documented. */
  faults(operationId: string, status: number, contentType: string, body: unknown): readonly string[] {
    const operation = this.operation(operationId);
    const mediaType = contentType.split(';')[0] ?? '';
    const schema = operation?.responses[String(status)]?.content?.[mediaType]?.schema;
    if (!schema) return [`${operationId}: ${status} ${mediaType} is not documented`];
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
      .flatMap(Object.values<Operation>)
      .find((each) => each.operationId === operationId);
  }
}

function closed(document: OpenApi): object {
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [name, { additionalProperties: false, ...schema }]);
  return { components: { schemas: Object.fromEntries(schemas) as object } };
}
