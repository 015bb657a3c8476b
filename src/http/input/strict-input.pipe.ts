import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import { foundIn, printable } from './printable.ts';
import { NumberLiteral, parseStrictJson } from './strict-json.ts';

type Dto = new () => object;

/**
 * Refuses bodies and query parameters that do not match their DTO: no unknown fields, no conversion. Bodies arrive as bytes, so that
 * nothing is parsed for a client that the guard refuses. An empty body is equivalent to an empty object.
 */
export class StrictInputPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    switch (type) {
      case 'body':
        return check(metatype as Dto, Buffer.isBuffer(value) && value.length > 0 ? parseStrictJson(value) : {}, 'INVALID_REQUEST');
      case 'query':
        return check(metatype as Dto, value, 'INVALID_FILTER');
      case 'param':
      case 'custom':
        return value;
    }
  }
}

function check(dto: Dto, value: unknown, code: 'INVALID_REQUEST' | 'INVALID_FILTER'): object {
  if (!isRecord(value)) {
    throw new ConntrackError(code, 'The body must be a JSON object.', {
      errors: [{ field: '', expected: 'a JSON object', ...foundIn(value) }],
    });
  }
  const unknown = unknownFields(dto, value);
  if (unknown.length > 0) throw refusal(code, unknown);
  const instance = Object.assign(new dto(), value);
  const errors = validateSync(instance, { forbidUnknownValues: false, stopAtFirstError: true }).flatMap(fieldErrors);
  if (errors.length > 0) throw refusal(code, errors);
  return instance;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberLiteral);
}

/** The fields that a request may have: those with a check. */
export function fieldsOf(dto: Dto): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  return new Set(rules.map((rule) => rule.propertyName));
}

/** Checked before the DTO is filled, so that a field named `constructor` is never assigned. */
function unknownFields(dto: Dto, value: Record<string, unknown>): FieldError[] {
  const known = fieldsOf(dto);
  return Object.keys(value)
    .filter((field) => !known.has(field))
    .map((field) => ({ field: printable(field), expected: `one of ${[...known].sort().join(', ')}`, ...foundIn(value[field]) }));
}

function fieldErrors({ property, value, constraints = {}, contexts }: ValidationError): readonly FieldError[] {
  const each = contexts?.['expectEach'] as { errorsOf: (field: string, value: unknown) => readonly FieldError[] } | undefined;
  if (each) return each.errorsOf(property, value);
  return [{ field: property, expected: Object.values(constraints).join(', '), ...foundIn(value) }];
}

function refusal(code: 'INVALID_REQUEST' | 'INVALID_FILTER', errors: readonly FieldError[]): ConntrackError {
  return new ConntrackError(code, errors.map(({ field, expected }) => `${field}: expected ${expected}`).join('; ') + '.', { errors });
}
