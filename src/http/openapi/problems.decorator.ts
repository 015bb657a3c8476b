import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../../domain/error-codes.ts';

/** The codes an operation may answer with, besides those every operation with a token has. The document's responses are made from it. */
export function Problems(...codes: readonly ErrorCode[]): MethodDecorator {
  return ApiExtension('x-error-codes', codes);
}
