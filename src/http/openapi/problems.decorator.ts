import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../../domain/error-codes.ts';

/** Declares the error codes of an operation, besides those of every operation that needs a token. The OpenAPI responses are generated from them. */
export function Problems(...codes: readonly ErrorCode[]): MethodDecorator {
  return ApiExtension('x-error-codes', codes);
}
