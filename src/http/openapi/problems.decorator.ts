import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../../domain/error-codes.ts';

/** Of an operation that accepts the name of a network namespace. */
export const NAMESPACE_PROBLEMS = [
  'NAMESPACE_NOT_FOUND',
  'NAMESPACES_DISABLED',
  'NOT_SUPPORTED_HERE',
  'KERNEL_UNREADABLE',
  'RESOURCES_EXHAUSTED',
] as const satisfies readonly ErrorCode[];

/** Declares the error codes of an operation, besides those of every operation that needs a token. The OpenAPI responses are generated from them. */
export function Problems(...codes: readonly ErrorCode[]): MethodDecorator {
  return ApiExtension('x-error-codes', codes);
}
